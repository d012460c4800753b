// The forward process in one dimension: a distribution of two peaks becomes the bell.
"use strict";

(() => {
  const [START, END, STEPS] = [0.0001, 0.6, 24];
  const POINTS = 300;
  const { Plot, Tape, normal } = window.liveParts;

  window.liveKinds["two-peaks"] = {
    inputs: [{ name: "step", text: "step", min: 0, max: STEPS, step: 1, value: 0, isAxis: true }],

    guess: {
      min: 1,
      max: STEPS,
      step: 1,
      isWhole: true,
      ask: () => "After how many steps is there only one peak?",

      answer(figure) {
        const peaksAfter = (step) => figure.call("after", step, START, END, STEPS, POINTS, figure.seed)[2];
        const value = Array.from({ length: STEPS }, (_, step) => step + 1).find((step) => peaksAfter(step) === 1);
        return { value, because: `after ${value} steps there is one peak, and after ${value - 1} there are ${peaksAfter(value - 1)}.` };
      },
    },

    build(figure) {
      figure.plot = new Plot(figure, { height: 320, parent: figure.pictures });
      figure.tape = new Tape(figure, { input: "step", button: "Play" });
    },

    begin: ({ tape }) => tape.restart(...Array(STEPS + 1).keys()),

    draw(figure) {
      const { place: step } = figure.tape.shown;
      const numbers = figure.call("after", step, START, END, STEPS, POINTS, figure.seed);
      const [signal, noise, peaks] = numbers;
      const density = numbers.slice(3, 304);
      const points = numbers.slice(304);
      const curve = density.map((value, place) => [place / 50 - 3, value]);
      // Each point keeps its fraction of the height under the curve.
      const cloud = points.flatMap((x, index) => {
        const height = density[Math.round((x + 3) * 50)];
        return height === undefined ? [] : [[x, height * ((index * 0.618034 + 0.31) % 1)]];
      });
      figure.plot.draw(
        { x: { name: "value", min: -3, max: 3 }, y: { name: "density", min: 0, max: 1.25 } },
        [
          { name: `${POINTS} points`, colour: 1, as: "rug", points: cloud },
          { name: "N(0, 1)", colour: 2, as: "dashed", points: normal },
          { name: "their density", colour: 0, points: curve },
        ],
      );
      const factors = `The points are ${signal.toFixed(3)} times what they were, plus ${noise.toFixed(3)} times noise`;
      const count = peaks === 1 ? "one peak" : `${peaks} peaks`;
      const told = step
        ? `After ${step} of ${STEPS} steps: ${factors}. The density has ${count}.`
        : `Before any noise: the density has ${count}, one with 60\u00a0% of the points and one with 40\u00a0%.`;
      return {
        told,
        isPassing: figure.tape.isPlaying,
        caption: "Points of one dimension instead of pictures: their density becomes the bell.",
        alt: `The density of the points, with ${count}, the points under it, and the standard normal density. ${told}`,
      };
    },
  };
})();
