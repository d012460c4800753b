// Part C: a schedule of 24 betas that a reader bends, or draws by hand, beside the fixed
// beta of part B.
"use strict";

(() => {
  const SIDE = 96;
  const STEPS = 24;
  const FIXED = 0.3;
  const SHOWN = [0, 2, 4, 6, 8, 12, 24];
  const LEAST = 0.0001;
  const MOST = 0.99;
  const over = (values) => values.map((value, t) => [t, value]);
  const toShow = (beta) => Number(beta.toFixed(4));
  const percent = (fraction) => (fraction < 1e-5 ? "less than 0.001\u00a0%" : `${Number((100 * fraction).toPrecision(2))}\u00a0%`);

  /** The betas of a preset, and what it is called. */
  const PRESETS = {
    linear: { name: "Linear", betas: (figure, { start, end }) => linear(figure, start, end) },
    constant: { name: `Constant, ${FIXED}`, betas: (figure) => linear(figure, FIXED, FIXED) },
    quadratic: {
      name: "Quadratic",
      // The root of beta rises evenly.
      betas: (figure, { start, end }) => linear(figure, Math.sqrt(start), Math.sqrt(end)).map((root) => root * root),
    },
  };

  const linear = (figure, start, end) => figure.call("schedule", start, end, STEPS).slice(0, STEPS);

  /** Hands these betas to the module: the fraction of the picture's variance that is kept
   * after each step. */
  const fractionsKept = (figure, betas) => {
    figure.lessons.give(new Uint8Array(Float64Array.from(betas).buffer));
    return figure.call("draw");
  };

  /** How many states have something to see in them, and something to restore. */
  const useful = (fractions) => fractions.filter((fraction) => 0.05 < fraction && fraction < 0.95).length;

  const choose = (figure, preset) => {
    Object.assign(figure, { preset, drawn: [], betas: undefined });
    figure.schedule();
  };

  const isDrawn = ({ drawn }) => drawn.length > 0;
  const isPreset = (figure, preset) => preset === figure.preset && !isDrawn(figure);

  /** Draws one beta by hand. */
  const draw = (figure, t, beta) => {
    figure.drawn[t] = Math.min(Math.max(beta, LEAST), MOST);
    Object.assign(figure.controls.values, { t, beta: figure.drawn[t] });
    figure.schedule();
  };

  /** A pointer draws: every timestep that it passes gets the beta where it passes. */
  const followPointer = (figure) => {
    const { svg } = figure.plot;
    // No finer than a pixel.
    const drawAt = (t, beta) => draw(figure, t, Number(beta.toFixed(3)));
    let last;
    const move = (event) => {
      const [x, beta] = figure.plot.valueAt(event);
      const t = Math.min(Math.max(Math.round(x), 0), STEPS - 1);
      const from = last ?? [t, beta];
      const towards = Math.sign(t - from[0]);
      for (let passed = from[0]; passed !== t; passed += towards) {
        drawAt(passed + towards, from[1] + ((beta - from[1]) * (passed + towards - from[0])) / (t - from[0]));
      }
      drawAt(t, beta);
      last = [t, beta];
    };
    svg.classList.add("drawable");
    svg.onpointerdown = (event) => {
      if (!figure.hasAttribute("alive")) return;
      svg.setPointerCapture(event.pointerId);
      last = undefined;
      move(event);
    };
    svg.onpointermove = (event) => svg.hasPointerCapture(event.pointerId) && move(event);
  };

  window.liveKinds["part-c"] = {
    side: SIDE,
    inputs: [
      { name: "start", text: "first beta", min: LEAST, max: 0.2, step: 0.01, value: LEAST, isSlim: true },
      { name: "end", text: "last beta", min: 0.2, max: MOST, step: 0.01, value: 0.6, isSlim: true },
      { name: "t", text: "draw at t", min: 0, max: STEPS - 1, step: 1, value: 12 },
      { name: "beta", text: "its beta", min: LEAST, max: MOST, step: 0.01, value: 0.313 },
    ],

    command({ start, end }, figure) {
      const run = (start, end) =>
        figure.run("part-c-schedule-for-beta", `--beta-start ${start} --beta-end ${end} --steps ${STEPS}`);
      if (isPreset(figure, "linear")) return run(start, end);
      if (isPreset(figure, "constant")) return run(FIXED, FIXED);
      return `let scheduler = part_d_alpha_bar_trick::NoiseScheduler::from_betas(vec![${(figure.betas ?? []).join(", ")}])?;`;
    },

    guess: {
      min: 0,
      max: STEPS,
      step: 1,
      isWhole: true,
      ask: () => `The same ${STEPS} betas in reverse order, the last one first: how many of the ${STEPS} states would keep between 5\u00a0% and 95\u00a0% of the picture's variance?`,
      of: ({ start, end }, { preset, drawn }) => [preset, start, end, drawn],

      answer(figure) {
        const [forwards, backwards] = [figure.betas, [...figure.betas].reverse()].map((betas) => fractionsKept(figure, betas));
        const value = useful(backwards);
        const ends = [forwards, backwards].map((fractions) => percent(fractions[STEPS - 1]));
        return { value, because: `${value} of them do, and ${useful(forwards)} as it is. Left at the end: ${ends.join(" as it is, and reversed ")}.` };
      },
    },

    build(figure) {
      figure.preset ??= "linear";
      figure.drawn ??= [];
      for (const row of [`fixed beta of ${FIXED} (chapter B)`, "your schedule"]) {
        figure.addRow(row);
        // Where there is little room, four of the seven are enough.
        const hasRoom = (step) => ([0, 4, 8, 24].includes(step) ? "" : "if-wide");
        SHOWN.forEach((step) => figure.frames.push(figure.addFrame(step ? `step ${step}` : "input", hasRoom(step))));
      }
      figure.plot = new window.liveParts.Plot(figure, { height: 210 });
      followPointer(figure);
    },

    /** The upper row changes with the noise and the picture only. */
    begin(figure) {
      figure.call("fixed", SIDE, FIXED, STEPS, figure.seed);
      figure.show(SHOWN);
      figure.keptByFixed = figure.call("schedule", FIXED, FIXED, STEPS).slice(STEPS);
    },

    changed(figure, name) {
      const { t, beta } = figure.controls.values;
      if (name === "beta") draw(figure, t, beta);
      else if (name === "t") figure.controls.values.beta = toShow(figure.drawn[t] ?? figure.betas?.[t] ?? beta);
      else choose(figure, isPreset(figure, "quadratic") ? "quadratic" : "linear");
    },

    reset: (figure) => choose(figure, "linear"),

    showChoice(figure) {
      for (const [preset, { name }] of Object.entries(PRESETS)) figure.controls.press(name, isPreset(figure, preset));
    },

    draw(figure, values) {
      const isNew = !figure.betas;
      figure.betas = PRESETS[figure.preset].betas(figure, values).map((beta, t) => figure.drawn[t] ?? beta);
      if (isNew) {
        figure.controls.values.beta = toShow(figure.betas[values.t]);
        figure.controls.show();
      }
      const kept = fractionsKept(figure, figure.betas);
      const last = figure.call("trajectory", SIDE, figure.seed).slice(-4);
      figure.show(SHOWN, SHOWN.length);
      figure.plot.draw(
        { x: { name: "timestep t", min: 0, max: STEPS - 1 }, y: { name: "fraction of variance", min: 0, max: 1 } },
        [
          { name: "beta, yours: drag it", colour: 0, points: over(figure.betas) },
          { colour: 0, as: "handles", points: over(figure.betas) },
          { name: "left of the picture, yours", colour: 1, points: over(kept) },
          { name: `left of it with ${FIXED}`, colour: 2, as: "dashed", points: over(figure.keptByFixed) },
        ],
      );
      const name = { linear: `linear from ${values.start} to ${values.end}`, constant: `constant, ${FIXED}`, quadratic: `quadratic from ${values.start} to ${values.end}`, drawn: "drawn by hand" }[isDrawn(figure) ? "drawn" : figure.preset];
      const end = kept[STEPS - 1];
      const factor = Math.sqrt(end);
      const verdict = `Left at the end: ${percent(end)} of the picture's variance, a factor of ${factor.toPrecision(2)}. ${factor < 0.01 ? "That is noise." : "That is not noise yet."}`;
      const states = `${useful(kept)} of the 24 states keep between 5\u00a0% and 95\u00a0% of it; with the fixed beta ${useful(figure.keptByFixed)} do.`;
      return {
        told: `${verdict} ${states} Last state: ${figure.moments(last)}.`,
        caption: `The same steps of chapter B, with a fixed beta of ${FIXED}, and of a schedule that is ${name}. ${verdict} ${states}`,
        alt: `${figure.subject} after ${SHOWN.join(", ")} steps, in two rows: above with a fixed beta of ${FIXED}, below with a schedule that is ${name}. ${verdict} ${states}`,
      };
    },

    toAddress(figure, state) {
      state.set("schedule", isDrawn(figure) ? "drawn" : figure.preset);
      if (isDrawn(figure)) state.set("betas", figure.betas.join(" "));
    },

    fromAddress(figure, asked) {
      const betas = (asked.get("betas") ?? "").split(" ").map(Number);
      const isWhole = betas.length === STEPS && betas.every((beta) => LEAST <= beta && beta <= MOST);
      figure.preset = Object.hasOwn(PRESETS, asked.get("schedule")) ? asked.get("schedule") : "linear";
      figure.betas = undefined;
      figure.drawn = asked.get("schedule") === "drawn" && isWhole ? betas : [];
    },

    buttons: Object.entries(PRESETS).map(([preset, { name }]) => [name, (figure) => choose(figure, preset)]),
  };
})();
