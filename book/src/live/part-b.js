// Part B: a slider for beta, and the curve of the signal that is kept.
"use strict";

window.liveKinds ??= {};
window.liveKinds["part-b"] = {
  label: "The mandrill and its states after 1 to 24 steps with the beta of the slider, in five rows",
  crate: "part-b-fixed-beta-values",
  side: 96,
  controls: [{ name: "beta", text: "beta", min: 0.01, max: 0.99, step: 0.01, value: 0.3 }],
  flags: ({ beta }) => `--beta ${beta} --steps 24`,

  draw(figure, { beta }) {
    figure.lessons.call("schedule", beta, beta, 24);
    const kept = [1, ...figure.lessons.numbers().slice(24).map(Math.sqrt)];
    figure.drawPlot([{ values: kept, name: "signal kept", colour: 0 }], 1.05);
    figure.lessons.call("part_b", 96, beta, 24, figure.seed);
    figure.drawFrames([0, 5, 10, 15, 20].map((first) => [0, 1, 2, 3, 4].map((place) => first + place)), 96);
    return `After 24 steps: ${figure.moments()}, signal kept ${kept[24].toFixed(3)}; after one step ${kept[1].toFixed(3)}.`;
  },
};
