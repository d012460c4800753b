// Part B: a slider for beta; twelve states, and the curve of the signal that is kept.
"use strict";

(() => {
  /** Without the rest that a computation in binary leaves. */
  const half = (beta) => Number((beta / 2).toPrecision(9));

  window.liveKinds["part-b"] = {
    side: 96,
    inputs: [{ name: "beta", text: "beta", min: 0.01, max: 0.99, step: 0.01, value: 0.3 }],
    shown: [0, 1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24],
    frames: ["input", ...[1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24].map((step) => `step ${step}`)],
    command: ({ beta }, figure) => figure.run("part-b-fixed-beta-values", `--beta ${beta} --steps 24`),

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
      figure.plot = new window.liveParts.Plot(figure);
    },

    draw(figure, { beta }) {
      const kept = [1, ...figure.call("schedule", beta, beta, 24).slice(24).map(Math.sqrt)];
      const numbers = figure.call("trajectory", 96, beta, 24, figure.seed);
      figure.show(this.shown);
      const last = numbers.slice(4 * 24, 4 * 25);
      figure.plot.draw(
        { x: { name: "step", min: 0, max: 24 }, y: { name: "factor of the picture", min: 0, max: 1 } },
        [
          { name: "kept, of the picture", colour: 0, points: kept.map((factor, step) => [step, factor]) },
          { name: "one hundredth", colour: 2, as: "dashed", points: [[0, 0.01], [24, 0.01]] },
        ],
      );
      const gone = kept.findIndex((factor) => factor < 0.01);
      const end = gone < 0
        ? `After 24 steps a factor of ${kept[24].toFixed(3)} of the picture is still there, more than a hundredth: by that measure, beta is too small for 24 steps.`
        : `The picture's factor is less than a hundredth from step ${gone} on: ${gone === 24 ? "the last" : `${24 - gone} of the 24 steps have next to nothing to do`}.`;
      return {
        told: `${end} After one step the factor is ${kept[1].toFixed(3)}. After the last: ${figure.moments(last)}.`,
        caption: `Chapter B with beta = ${beta}: the input and eleven of 24 steps. ${end}`,
        alt: `${figure.subject} and its states after 1 to 24 steps with beta = ${beta}, twelve pictures. ${end}`,
      };
    },
  };
})();
