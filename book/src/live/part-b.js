// Part B: a slider for beta; a trajectory of 24 steps, and the curve of the signal that is kept.
"use strict";

(() => {
  const SIDE = 96;
  const STEPS = 24;
  const SHOWN = [0, 1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24];
  const { Plot, Strip, Tape, ofTrajectory } = window.liveParts;

  /** Without the rest that a computation in binary leaves. */
  const half = (beta) => Number((beta / 2).toPrecision(9));

  window.liveKinds["part-b"] = {
    side: SIDE,
    ...ofTrajectory(STEPS),
    inputs: [
      { name: "step", text: "step", min: 0, max: STEPS, step: 1, value: 4, isAxis: true },
      { name: "beta", text: "beta", min: 0.01, max: 0.99, step: 0.01, value: 0.3, group: "A step" },
    ],
    command: ({ beta, step }, figure) =>
      `${figure.run("part-b-fixed-beta-values", `--beta ${beta} --steps ${STEPS} --frames-dir frames`)} # frames/frame-${String(step).padStart(3, "0")}.png`,

    guess: {
      min: 1,
      max: 3000,
      step: 1,
      isWhole: true,
      within: 0.1,
      ask: ({ beta }) => `With half of this beta, ${half(beta)}: from which step on is the picture's factor less than a hundredth?`,
      of: ({ beta }) => [beta],

      answer(figure, { beta }) {
        const schedule = figure.call("schedule", half(beta), half(beta), this.max);
        const value = 1 + schedule.slice(this.max).findIndex((fraction) => Math.sqrt(fraction) < 0.01);
        return { value, because: `with beta = ${half(beta)}, the factor of the picture is below a hundredth from step ${value} on.` };
      },
    },

    build(figure) {
      figure.track = new Strip(figure, { input: "step", steps: STEPS, shown: SHOWN, spare: [3, 10, 20] });
      figure.plot = new Plot(figure, { hasLegend: false });
      figure.tape = new Tape(figure, { input: "step", button: "Play" });
    },

    draw(figure, { beta }) {
      const { place: step } = figure.tape.shown;
      figure.numbers ??= figure.track.take(() => figure.call("trajectory", SIDE, beta, STEPS, figure.seed), step);
      const kept = [1, ...figure.call("schedule", beta, beta, STEPS).slice(STEPS).map(Math.sqrt)];
      const factor = kept[step] < 0.001 ? "less than 0.001" : kept[step].toFixed(3);
      const after = step === 1 ? "one step" : `${step} steps`;
      figure.track.show(step, step ? `after ${after}: ${factor} × picture + noise` : "the input");
      figure.plot.draw(
        { x: { name: "step", min: 0, max: STEPS }, y: { name: "factor of the picture", min: 0, max: 1 } },
        [
          { as: "here", colour: 0, points: [[step, 0], [step, 1]] },
          { name: "kept of the picture", colour: 0, points: kept.map((factor, step) => [step, factor]) },
          { name: "one hundredth", colour: 2, as: "dashed", points: [[0, 0.01], [STEPS, 0.01]] },
        ],
      );
      const gone = kept.findIndex((factor) => factor < 0.01);
      const end = gone < 0
        ? `After ${STEPS} steps a factor of ${kept[STEPS].toFixed(3)} of the picture is still there, more than a hundredth: by that measure, beta is too small for ${STEPS} steps.`
        : `The picture's factor is less than a hundredth from step ${gone} on: ${gone === STEPS ? "the last" : `${STEPS - gone} of the ${STEPS} steps have next to nothing to do`}.`;
      return {
        told: `${step ? `After ${after}` : "The input"}: ${figure.moments(figure.numbers.slice(4 * step, 4 * step + 4))}. ${end}`,
        isPassing: figure.tape.isPlaying,
        caption: `Chapter B with beta = ${beta}: a state, the strip that it is from, and what each step keeps of the picture.`,
        alt: `${figure.subject} after ${after} with beta = ${beta}, and a strip of its states from the input to ${STEPS} steps. ${end}`,
      };
    },
  };
})();
