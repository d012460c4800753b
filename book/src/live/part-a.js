// Part A: sliders for a, b and the number of steps.
"use strict";

window.liveKinds ??= {};
window.liveKinds["part-a"] = {
  label: "The mandrill and four of its states, after as many steps as the sliders say",
  crate: "part-a-very-simple-diffusion",
  side: 96,
  controls: [
    { name: "a", text: "a (picture kept)", min: 0, max: 1, step: 0.01, value: 0.5 },
    { name: "b", text: "b (noise added)", min: 0, max: 1, step: 0.01, value: 0.1 },
    { name: "steps", text: "steps", min: 4, max: 24, step: 4, value: 4 },
  ],
  flags: ({ a, b, steps }) => `--a ${a} --b ${b} --steps ${steps}`,

  draw(figure, { a, b, steps }) {
    figure.lessons.call("part_a", 96, a, b, steps, figure.seed);
    figure.drawFrames([[0, 1, 2, 3, 4].map((place) => (place * steps) / 4)], 96);
    const numbers = figure.lessons.numbers();
    const of = (place) => Array.from({ length: steps + 1 }, (_, step) => numbers[4 * step + place]);
    figure.drawPlot(
      [
        { values: of(3), name: "std, predicted", colour: 0 },
        { values: of(1), name: "std, measured", colour: 1, dots: true },
        { values: [1, 1], name: "that of N(0, 1)", colour: 2 },
      ],
      Math.max(1.2, ...of(1)),
    );
    const sum = (a * a + b * b).toFixed(3);
    const mark = Math.abs(sum - 1) < 0.01 ? "a² + b² is 1: the spread goes to 1" : `a² + b² is ${sum}`;
    return `After ${steps} steps: ${figure.moments()}. ${mark}.`;
  },

  buttons: [
    [
      "a² + b² = 1",
      (figure) => {
        figure.inputs.b.input.value = Math.sqrt(1 - figure.values().a ** 2);
        figure.update();
      },
    ],
  ],
};
