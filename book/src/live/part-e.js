// Part E: a published schedule whose ends and steps a reader moves, or that of a model's
// config: its two curves, and six states of it.
"use strict";

(() => {
  const SIDE = 96;
  /** The log SNR that the plot shows, at most and at least. */
  const RANGE = 12;
  const SHOWN = 6;

  /** The schedules by their names for the command. */
  const SCHEDULES = Object.fromEntries(window.liveParts.Names.schedules.map(([title, name, ends], number) => [name, { title, ends, number }]));

  const choose = (figure, schedule) => {
    figure.chosen = schedule;
    figure.config.value = "";
    const { ends } = SCHEDULES[schedule];
    if (ends) [figure.controls.values.start, figure.controls.values.end] = ends;
    figure.schedule();
  };

  const mend = (figure) => {
    figure.isMended = !figure.isMended;
    figure.schedule();
  };

  /** What there is to say of the chosen schedule in so many steps, and points along it. */
  const published = (figure, start, end, steps) => figure.call("published", SCHEDULES[figure.chosen].number, start, end, steps, Number(figure.isMended));

  const buttons = [
    ...Object.entries(SCHEDULES).map(([name, { title }]) => [title, (figure) => choose(figure, name)]),
    ["End in noise alone", mend],
  ];

  window.liveKinds["part-e"] = {
    module: "schedules",
    side: SIDE,
    inputs: [
      { name: "start", text: "first beta", min: 0.0001, max: 0.01, step: 0.0001, value: 0.0001 },
      { name: "end", text: "last beta", min: 0.01, max: 0.99, step: 0.01, value: 0.02 },
      { name: "steps", text: "steps", min: 10, max: 2000, step: 10, value: 1000 },
    ],
    frames: Array.from({ length: SHOWN }, () => ""),
    buttons,

    command({ start, end, steps }, figure) {
      const timesteps = figure.timesteps ? ` --timesteps ${figure.timesteps.join(",")}` : "";
      const mended = figure.isMended ? " --zero-snr" : "";
      if (figure.config?.value.trim()) return figure.run("part-e-schedules", `--config scheduler_config.json${timesteps}`);
      const schedule = figure.chosen ?? "linear";
      const ends = SCHEDULES[schedule].ends ? ` --beta-start ${start} --beta-end ${end}` : "";
      return figure.run("part-e-schedules", `--schedule ${schedule}${ends} --steps ${steps}${mended}${timesteps}`);
    },

    guess: {
      choices: ["Yes", "No"],

      ask({ steps }, figure) {
        if (figure.config.value.trim()) return undefined;
        const title = SCHEDULES[figure.chosen].title.toLowerCase();
        return `With a tenth of the steps, ${steps / 10}: does the ${title} schedule${figure.isMended ? ", mended," : ""} end in noise, the factor of the picture below a hundredth?`;
      },

      of: ({ start, end, steps }, { chosen, isMended, config }) => [start, end, steps, chosen, isMended, config.value],

      answer(figure, { start, end, steps }) {
        const [last, alphaBar] = published(figure, start, end, steps / 10).slice(-3);
        const factor = Math.sqrt(alphaBar);
        return { value: factor < 0.01 ? "Yes" : "No", because: `at t = ${last}, the last, it is ${factor === 0 ? 0 : factor.toPrecision(2)}.` };
      },
    },

    build(figure) {
      figure.chosen ??= "linear";
      figure.isMended ??= false;
      const { element, Plot } = window.liveParts;
      figure.fraction = new Plot(figure);
      figure.ratio = new Plot(figure);
      figure.config = element("textarea", { rows: 3, spellcheck: false, value: figure.askedConfig ?? "", oninput: () => figure.schedule() });
      const label = element("label", { className: "own" }, "The scheduler_config.json of a model, pasted: ", figure.config);
      figure.controls.buttons.after(label);
    },

    changed(figure) {
      if (!SCHEDULES[figure.chosen].ends) return;
      figure.config.value = "";
    },

    reset(figure) {
      figure.isMended = false;
      choose(figure, "linear");
    },

    /** Which buttons are pressed, and which sliders have an effect. */
    showChoice({ chosen, config, controls, isMended }) {
      const isConfig = config.value.trim() !== "";
      for (const [name, { title }] of Object.entries(SCHEDULES)) controls.press(title, !isConfig && name === chosen);
      controls.press("End in noise alone", !isConfig && isMended);
      for (const [name, { slider, field }] of Object.entries(controls.fields)) {
        slider.disabled = field.disabled = isConfig || (name !== "steps" && !SCHEDULES[chosen].ends);
      }
    },

    draw(figure, { start, end, steps }) {
      const { lessons } = figure;
      const config = figure.config.value.trim();
      if (config) lessons.give(new TextEncoder().encode(config));
      const numbers = config ? figure.call("config") : published(figure, start, end, steps);
      const told = lessons.text();
      const points = Array.from({ length: numbers.length / 3 }, (_, place) => numbers.slice(3 * place, 3 * place + 3));
      const last = points[points.length - 1][0];
      figure.timesteps = figure.call("states", SIDE, figure.seed);
      figure.frames.forEach(({ canvas }, place) => (canvas.parentElement.hidden = place >= figure.timesteps.length));
      figure.show(figure.timesteps.map((_, place) => place));
      figure.name(figure.timesteps.map((t) => `t = ${t}`));
      const x = { name: "timestep t", min: 0, max: Math.max(last, 1) };
      figure.fraction.draw({ x, y: { name: "fraction of variance", min: 0, max: 1 } }, [
        { name: "alpha_bar", colour: 0, points: points.map(([t, alphaBar]) => [t, alphaBar]) },
        { name: "one half", colour: 2, as: "dashed", points: [[0, 0.5], [x.max, 0.5]] },
      ]);
      figure.ratio.draw({ x, y: { name: "log SNR", min: -RANGE, max: RANGE } }, [
        { name: `log SNR, from ${-RANGE} to ${RANGE}`, colour: 1, points: points.map(([t, , ratio]) => [t, ratio]) },
        { name: "as much noise as signal", colour: 2, as: "dashed", points: [[0, 0], [x.max, 0]] },
      ]);
      const ends = SCHEDULES[figure.chosen].ends ? ` from ${start} to ${end}` : "";
      const which = config ? "The schedule of the pasted config" : `The ${SCHEDULES[figure.chosen].title.toLowerCase()} schedule${ends} with ${steps} steps${figure.isMended ? ", mended to end in noise alone" : ""}`;
      const at = `t = ${figure.timesteps.join(", ")}`;
      return {
        told,
        caption: `${which}, at ${at}. ${told}`,
        alt: `${figure.subject} at ${at}. ${which}. ${told}`,
      };
    },

    toAddress(figure, state) {
      state.set("schedule", figure.chosen);
      if (figure.isMended) state.set("mended", "1");
      if (figure.config.value.trim()) state.set("config", figure.config.value.trim());
    },

    fromAddress(figure, asked) {
      figure.chosen = Object.hasOwn(SCHEDULES, asked.get("schedule")) ? asked.get("schedule") : "linear";
      figure.isMended = asked.get("mended") === "1";
      // The figure may not be built yet.
      figure.askedConfig = asked.get("config") ?? "";
      if (figure.config) figure.config.value = figure.askedConfig;
    },
  };
})();
