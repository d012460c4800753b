// Part C: the linear schedule beside a fixed beta, as curves and as states.
"use strict";

window.liveKinds ??= {};
window.liveKinds["part-c"] = {
  label: "The mandrill and six of its states, in two rows: above with a fixed beta of 0.3, below with the linear schedule of the sliders",
  crate: "part-c-schedule-for-beta",
  side: 96,
  controls: [
    { name: "start", text: "beta_start", min: 0.0001, max: 0.2, step: 0.0001, value: 0.0001 },
    { name: "end", text: "beta_end", min: 0.2, max: 0.99, step: 0.01, value: 0.6 },
    { name: "steps", text: "steps", min: 6, max: 24, step: 6, value: 24 },
  ],
  flags: ({ start, end, steps }) => `--beta-start ${start} --beta-end ${end} --steps ${steps}`,

  draw(figure, { start, end, steps }) {
    figure.lessons.call("schedule", start, end, steps);
    const linear = figure.lessons.numbers();
    figure.drawPlot(
      [
        { values: [0.3, 0.3], name: "beta, fixed", colour: 1 },
        { values: linear.slice(0, steps), name: "beta, linear", colour: 0 },
      ],
      1,
    );
    const shown = [0, 1, 2, 3, 4, 5, 6].map((place) => (place * steps) / 6);
    const side = 96;
    // Captions take as much room as in the static figure.
    const caption = 28;
    figure.canvas.width = 7 * (side + 4) - 4;
    figure.canvas.height = Math.round((figure.canvas.width * figure.canvas.clientHeight) / figure.canvas.clientWidth);
    const context = figure.canvas.getContext("2d");
    const style = getComputedStyle(figure);
    context.fillStyle = style.color;
    context.font = `20px ${style.fontFamily}`;
    const row = (name, y) => {
      context.fillText(`${name}: after ${shown.join(", ")} steps`, 0, y + 20);
      shown.forEach((step, x) => context.putImageData(figure.lessons.frame(side, step), x * (side + 4), y + caption));
    };
    figure.lessons.call("part_b", side, 0.3, steps, figure.seed);
    row("fixed beta = 0.3", 8);
    figure.lessons.call("part_c", side, start, end, steps, figure.seed);
    row("linear", 8 + side + caption + 6);
    return `Linear, after ${steps} steps: ${figure.moments()}; of the picture's variance ${linear[2 * steps - 1].toExponential(2)} is left.`;
  },
};
