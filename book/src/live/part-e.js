// Part E: a published schedule whose ends and steps a reader moves, or that of a model's
// config: its two curves, and six states of it.
"use strict";

(() => {
  const { element, layStrip, Plot, Tape } = window.liveParts;
  const SIDE = 96;
  /** The log SNR that the plot shows, at most and at least. */
  const RANGE = 12;
  const SHOWN = 6;

  /** The schedules by their names for the command. */
  const SCHEDULES = Object.fromEntries(window.liveParts.Names.schedules.map(([title, name, ends], number) => [name, { title, ends, number }]));

  const SCHEDULE_NAMES = Object.keys(SCHEDULES);
  const scheduleOf = ({ controls }) => SCHEDULE_NAMES[controls.chosen.schedule];
  const isMended = ({ controls }) => controls.chosen.mended === 1;

  /** A fraction with three digits, also if it is next to nothing. */
  const fraction = (value) => (0 < value && value < 1e-4 ? value.toExponential(2) : value.toPrecision(3));

  /** What there is to say of the chosen schedule in so many steps, and points along it. */
  const published = (figure, start, end, steps) =>
    figure.call("published", SCHEDULES[scheduleOf(figure)].number, start, end, steps, Number(isMended(figure)));

  window.liveKinds["part-e"] = {
    module: "schedules",
    side: SIDE,
    inputs: [
      { name: "at", text: "per cent of the way", min: 0, max: 100, step: 1, value: 40, isAxis: true },
      { name: "start", text: "first beta", min: 0.0001, max: 0.01, step: 0.0001, value: 0.0001, group: "Schedule" },
      { name: "end", text: "last beta", min: 0.01, max: 0.99, step: 0.01, value: 0.02, group: "Schedule" },
      { name: "steps", text: "steps", min: 10, max: 2000, step: 10, value: 1000, group: "Schedule" },
    ],
    choices: [
      { name: "schedule", text: "Schedule", options: Object.entries(SCHEDULES).map(([name, { title }]) => [title, name]) },
      { name: "mended", text: "End", options: [["As published", "0"], ["In noise alone", "1"]] },
    ],

    command({ start, end, steps }, figure) {
      const timesteps = figure.timesteps ? ` --timesteps ${figure.timesteps.join(",")}` : "";
      const mended = isMended(figure) ? " --zero-snr" : "";
      if (figure.config.value.trim()) return figure.run("part-e-schedules", `--config scheduler_config.json${timesteps}`);
      const schedule = scheduleOf(figure);
      const ends = SCHEDULES[schedule].ends ? ` --beta-start ${start} --beta-end ${end}` : "";
      return figure.run("part-e-schedules", `--schedule ${schedule}${ends} --steps ${steps}${mended}${timesteps}`);
    },

    guess: {
      choices: ["Yes", "No"],

      ask({ steps }, figure) {
        if (figure.config.value.trim()) return undefined;
        const title = SCHEDULES[scheduleOf(figure)].title.toLowerCase();
        return `With a tenth of the steps, ${steps / 10}: does the ${title} schedule${isMended(figure) ? ", mended," : ""} end in noise, the factor of the picture below a hundredth?`;
      },

      of: ({ start, end, steps }, { controls, config }) => [start, end, steps, controls.chosen, config.value],

      answer(figure, { start, end, steps }) {
        const [last, alphaBar] = published(figure, start, end, steps / 10).slice(-3);
        const factor = Math.sqrt(alphaBar);
        return { value: factor < 0.01 ? "Yes" : "No", because: `at t = ${last}, the last, it is ${factor === 0 ? 0 : factor.toPrecision(2)}.` };
      },
    },

    build(figure) {
      const { controls } = figure;
      const lead = (number) => controls.set("at", Math.round((100 * number) / (figure.timesteps.length - 2)));
      figure.mark = layStrip(figure, { names: Array(SHOWN).fill(""), lead });
      figure.fraction = new Plot(figure, { hasLegend: false });
      figure.ratio = new Plot(figure, { hasLegend: false });
      figure.config = element("textarea", { rows: 3, spellcheck: false, oninput: () => figure.schedule() });
      controls.groupOf("Or a model's").append(element("label", { className: "own" }, "Its scheduler_config.json, pasted: ", figure.config));
      figure.tape = new Tape(figure, { input: "at", button: "Play" });
    },

    begin: ({ tape }) => tape.restart(...Array(101).keys()),

    changed(figure, name) {
      const { chosen, values } = figure.controls;
      const { ends } = SCHEDULES[scheduleOf(figure)];
      if (name === "schedule" && ends) [values.start, values.end] = ends;
      figure.config.value = "";
    },

    reset: (figure) => (figure.config.value = ""),

    /** Which sliders have an effect. */
    showChoice(figure) {
      const { config, controls } = figure;
      if (!config) return;
      const isConfig = config.value.trim() !== "";
      for (const [name, { slider, field }] of Object.entries(controls.fields)) {
        slider.disabled = field.disabled = name !== "at" && (isConfig || (name !== "steps" && !SCHEDULES[scheduleOf(figure)].ends));
      }
    },

    draw(figure, { start, end, steps }) {
      const { lessons } = figure;
      const { value: at } = figure.tape.shown;
      const config = figure.config.value.trim();
      if (config) lessons.give(new TextEncoder().encode(config));
      const numbers = config ? figure.call("config") : published(figure, start, end, steps);
      const summary = lessons.text();
      const points = Array.from({ length: numbers.length / 3 }, (_, place) => numbers.slice(3 * place, 3 * place + 3));
      const last = points[points.length - 1][0];
      const states = figure.call("states", SIDE, figure.seed, Math.round((at * last) / 100));
      const [alphaBar, ratio] = states.slice(-2);
      figure.timesteps = states.slice(0, -2);
      const [t, ...spread] = figure.timesteps;
      figure.frames.forEach(({ canvas }, place) => (canvas.parentElement.hidden = place >= figure.timesteps.length));
      figure.show(figure.timesteps.map((_, place) => place));
      figure.name([`t = ${t}`, ...spread.map((t) => `${t}`)]);
      figure.mark(spread.findLastIndex((place) => place <= t));
      // In per cent, axes and marks stay where they are while the number of steps changes.
      const x = { name: "per cent of the way", min: 0, max: 100 };
      const along = (t) => (100 * t) / Math.max(last, 1);
      const here = along(t);
      figure.fraction.draw({ x, y: { name: "fraction of variance", min: 0, max: 1 } }, [
        { as: "here", colour: 0, points: [[here, 0], [here, 1]] },
        { name: "alpha_bar", colour: 0, points: points.map(([t, alphaBar]) => [along(t), alphaBar]) },
        { name: "one half", colour: 2, as: "dashed", points: [[0, 0.5], [x.max, 0.5]] },
      ]);
      figure.ratio.draw({ x, y: { name: "log SNR", min: -RANGE, max: RANGE } }, [
        { as: "here", colour: 1, points: [[here, -RANGE], [here, RANGE]] },
        { name: `log SNR, from ${-RANGE} to ${RANGE}`, colour: 1, points: points.map(([t, , ratio]) => [along(t), ratio]) },
        { name: "as much noise as signal", colour: 2, as: "dashed", points: [[0, 0], [x.max, 0]] },
      ]);
      const schedule = SCHEDULES[scheduleOf(figure)];
      const ends = schedule.ends ? ` from ${start} to ${end}` : "";
      const which = config ? "The schedule of the pasted config" : `The ${schedule.title.toLowerCase()} schedule${ends} with ${steps} steps${isMended(figure) ? ", mended to end in noise alone" : ""}`;
      const level = Number.isFinite(ratio) ? `the log SNR ${figure.rounded(ratio, 2)}` : "there is no signal";
      const told = `t = ${t}: alpha_bar is ${fraction(alphaBar)}, and ${level}. ${summary}`;
      return {
        told,
        isPassing: figure.tape.isPlaying,
        caption: `${which}: a state, and six from the first timestep to the last; what is left of the picture's variance, and the log of the signal-to-noise ratio.`,
        alt: `${figure.subject} at t = ${t}, and a strip of it at t = ${spread.join(", ")}. ${which}. ${told}`,
      };
    },

    toAddress(figure, state) {
      if (figure.config.value.trim()) state.set("config", figure.config.value.trim());
    },

    fromAddress: (figure, asked) => (figure.config.value = asked.get("config") ?? ""),
  };
})();
