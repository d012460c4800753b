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
  const { Plot, Strip, Tape } = window.liveParts;
  const over = (values) => values.map((value, t) => [t, value]);
  const toShow = (beta) => Number(beta.toFixed(4));
  const percent = (fraction) => (fraction < 1e-5 ? "less than 0.001\u00a0%" : `${Number((100 * fraction).toPrecision(2))}\u00a0%`);

  const PRESETS = ["linear", "constant", "quadratic"];
  /** The number of what is drawn by hand in the list of schedules. */
  const DRAWN = PRESETS.length;

  /** The betas of a preset. */
  const BETAS = {
    linear: (figure, { start, end }) => linear(figure, start, end),
    constant: (figure) => linear(figure, FIXED, FIXED),
    // The root of beta rises evenly.
    quadratic: (figure, { start, end }) => linear(figure, Math.sqrt(start), Math.sqrt(end)).map((root) => root * root),
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

  /** Another schedule: from now on, this preset. */
  const choose = (figure, preset) => {
    Object.assign(figure, { preset, drawn: [], betas: undefined, isNew: true });
    figure.controls.chosen.schedule = PRESETS.indexOf(preset);
    figure.schedule();
  };

  const isDrawn = ({ controls }) => controls.chosen.schedule === DRAWN;
  const isPreset = (figure, preset) => preset === figure.preset && !isDrawn(figure);

  /** Draws one beta by hand. */
  const draw = (figure, t, beta) => {
    figure.drawn[t] = Math.min(Math.max(beta, LEAST), MOST);
    figure.controls.chosen.schedule = DRAWN;
    Object.assign(figure.controls.values, { t, beta: figure.drawn[t] });
    figure.isNew = true;
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
      { name: "step", text: "step", min: 0, max: STEPS, step: 1, value: 8, isAxis: true },
      { name: "start", text: "first beta", min: LEAST, max: 0.2, step: 0.01, value: LEAST, isSlim: true, group: "Schedule" },
      { name: "end", text: "last beta", min: 0.2, max: MOST, step: 0.01, value: 0.6, isSlim: true, group: "Schedule" },
      { name: "t", text: "draw at t", min: 0, max: STEPS - 1, step: 1, value: 12, group: "By hand, or in the plot" },
      { name: "beta", text: "its beta", min: LEAST, max: MOST, step: 0.01, value: 0.313, group: "By hand, or in the plot" },
    ],
    choices: [
      {
        name: "schedule",
        text: "Schedule",
        options: [["Linear", "linear"], [`Constant, ${FIXED}`, "constant"], ["Quadratic", "quadratic"], ["Drawn by hand", "drawn"]],
      },
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
      of: ({ start, end }, { preset, drawn, controls }) => [preset, start, end, drawn, controls.chosen.schedule],

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
      // Where there is little room, four of the seven are enough.
      const strip = { input: "step", steps: STEPS, shown: SHOWN, spare: [2, 6, 12] };
      const names = [`fixed beta, ${FIXED}`, "your schedule"];
      [figure.byFixed, figure.byOwn] = names.map((name) => new Strip(figure, { ...strip, name }));
      figure.plot = new Plot(figure, { height: 170, hasLegend: false });
      figure.tape = new Tape(figure, { input: "step", button: "Play" });
      followPointer(figure);
    },

    begin(figure) {
      figure.isNew = true;
      figure.keptByFixed = undefined;
      figure.tape.restart(...Array(STEPS + 1).keys());
    },

    changed(figure, name) {
      const { controls } = figure;
      const { t, beta } = controls.values;
      if (name === "beta") draw(figure, t, beta);
      else if (name === "t") controls.values.beta = toShow(figure.drawn[t] ?? figure.betas?.[t] ?? beta);
      else if (name !== "schedule") choose(figure, isPreset(figure, "quadratic") ? "quadratic" : "linear");
      else if (!isDrawn(figure)) choose(figure, PRESETS[controls.chosen.schedule]);
    },

    reset: (figure) => choose(figure, "linear"),

    draw(figure, values) {
      const { place: step } = figure.tape.shown;
      const isAsChosen = !figure.betas;
      figure.betas = BETAS[figure.preset](figure, values).map((beta, t) => figure.drawn[t] ?? beta);
      if (isAsChosen) {
        figure.controls.values.beta = toShow(figure.betas[values.t]);
        figure.controls.show();
      }
      // The fixed beta's pictures change with the noise and the picture only.
      if (!figure.keptByFixed) {
        figure.byFixed.take(() => figure.call("fixed", SIDE, FIXED, STEPS, figure.seed), step);
        figure.keptByFixed = figure.call("schedule", FIXED, FIXED, STEPS).slice(STEPS);
      }
      if (figure.isNew) {
        figure.kept = fractionsKept(figure, figure.betas);
        const make = () => {
          fractionsKept(figure, figure.betas);
          return figure.call("trajectory", SIDE, figure.seed);
        };
        figure.numbers = figure.byOwn.take(make, step);
        figure.isNew = false;
      }
      const { kept } = figure;
      const left = (fractions) => (step ? `${percent(fractions[step - 1])} left` : "the input");
      figure.byFixed.show(step, left(figure.keptByFixed));
      figure.byOwn.show(step, left(kept));
      figure.plot.draw(
        { x: { name: "timestep t", min: 0, max: STEPS - 1 }, y: { name: "fraction of variance", min: 0, max: 1 } },
        [
          ...(step ? [{ as: "here", colour: 1, points: [[step - 1, 0], [step - 1, 1]] }] : []),
          { name: "your beta: drag it", colour: 0, points: over(figure.betas) },
          { colour: 0, as: "handles", points: over(figure.betas) },
          { name: "left of the picture, with yours", colour: 1, points: over(kept) },
          { name: `left with ${FIXED}`, colour: 2, as: "dashed", points: over(figure.keptByFixed) },
        ],
      );
      const name = { linear: `linear from ${values.start} to ${values.end}`, constant: `constant, ${FIXED}`, quadratic: `quadratic from ${values.start} to ${values.end}`, drawn: "drawn by hand" }[isDrawn(figure) ? "drawn" : figure.preset];
      const end = kept[STEPS - 1];
      const factor = Math.sqrt(end);
      const verdict = `Left at the end: ${percent(end)} of the picture's variance, a factor of ${factor.toPrecision(2)}. ${factor < 0.01 ? "That is noise." : "That is not noise yet."}`;
      const states = `${useful(kept)} of the ${STEPS} states keep between 5\u00a0% and 95\u00a0% of it; with the fixed beta ${useful(figure.keptByFixed)} do.`;
      const after = step === 1 ? "one step" : `${step} steps`;
      return {
        told: `${verdict} ${states} After ${after}: ${figure.moments(figure.numbers.slice(4 * step, 4 * step + 4))}.`,
        isPassing: figure.tape.isPlaying,
        caption: `The same steps with a fixed beta of ${FIXED}, and with a schedule that is ${name}. Below, its betas, which can be dragged, and what is left of the picture's variance.`,
        alt: `${figure.subject} after ${after}, twice, each with a strip of its states: with a fixed beta of ${FIXED}, and with a schedule that is ${name}. ${verdict} ${states}`,
      };
    },

    toAddress(figure, state) {
      if (isDrawn(figure)) state.set("betas", figure.betas.join(" "));
    },

    fromAddress(figure, asked) {
      const { chosen } = figure.controls;
      const betas = (asked.get("betas") ?? "").split(" ").map(Number);
      const isWhole = betas.length === STEPS && betas.every((beta) => LEAST <= beta && beta <= MOST);
      figure.betas = undefined;
      figure.drawn = chosen.schedule === DRAWN && isWhole ? betas : [];
      if (chosen.schedule === DRAWN && !isWhole) chosen.schedule = 0;
      figure.preset = PRESETS[chosen.schedule] ?? "linear";
    },
  };
})();
