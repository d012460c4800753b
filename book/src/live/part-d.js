// Part D: one picture, and a slider that jumps to any timestep.
"use strict";

window.liveKinds ??= {};
(() => {
  const START = 0.0001;
  const END = 0.6;
  const STEPS = 24;
  const SIDE = 256;
  const normal = Array.from({ length: 81 }, (_, bin) => {
    const x = -4 + bin / 10;
    return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  });

  /** A histogram with the standard normal density over it. */
  const drawHistogram = (figure, values, name) =>
    figure.drawPlot(
      [
        { values, name, colour: 0, area: true },
        { values: normal, name: "N(0, 1)", colour: 1 },
      ],
      1,
    );

  /** Walks to the timestep, a few steps at a time, so that the page can go on. */
  const walk = async (figure) => {
    const { t } = figure.values();
    figure.lessons.call("begin_walk", SIDE, START, END, STEPS, figure.seed);
    // A slider that moves meanwhile ends the walk.
    const mine = (figure.walk = {});
    let walked = 0;
    for (let step = 0; step <= t; step += 1) {
      const start = performance.now();
      figure.lessons.call("step", SIDE);
      walked += performance.now() - start;
      await new Promise((next) => setTimeout(next));
      if (figure.walk !== mine) return;
    }
    figure.drawFrames([[0]], SIDE);
    drawHistogram(figure, figure.lessons.numbers(), "walked");
    figure.tell(`Walked to t = ${t} in ${t + 1} steps and ${walked.toFixed(1)} ms. The jump took ${figure.jumped.toFixed(1)} ms: other noise, the same distribution.`);
  };

  window.liveKinds["part-d"] = {
    label: "The state of the mandrill at the timestep of the slider",
    crate: "part-d-alpha-bar-trick",
    side: SIDE,
    controls: [{ name: "t", text: "timestep t", min: 0, max: STEPS - 1, step: 1, value: 11 }],
    flags: ({ t }) => `--beta-start ${START} --beta-end ${END} --steps ${STEPS} --frames-dir frames`,
    comment: ({ t }) => ` # frames/frame-${String(t + 1).padStart(3, "0")}.png`,

    draw(figure, { t }) {
      figure.walk = undefined;
      const start = performance.now();
      figure.lessons.call("part_d", SIDE, START, END, STEPS, t, figure.seed);
      figure.jumped = performance.now() - start;
      figure.drawFrames([[0]], SIDE);
      const numbers = figure.lessons.numbers();
      const alphaBar = numbers[4];
      drawHistogram(figure, numbers.slice(5), "state");
      return `t = ${t}: alpha_bar ${alphaBar.toPrecision(3)}, signal ${Math.sqrt(alphaBar).toFixed(3)}, noise ${Math.sqrt(1 - alphaBar).toFixed(3)}; ${figure.moments(numbers.slice(0, 4))}.`;
    },

    buttons: [["Walk there", walk]],
  };
})();
