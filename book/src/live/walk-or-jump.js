// Part D: the same timestep, step by step and by a jump, as pictures, as histograms, and
// at one pixel.
"use strict";

(() => {
  const SIDE = 192;
  const [START, END, STEPS] = [0.0001, 0.6, 24];
  const { Plot, Tape, histogram, normal, overlapWithNormal } = window.liveParts;

  /** What becomes of a pixel up to `t`: mean, sigma, its value step by step and by a
   * jump, at each timestep. */
  const pathOf = (figure, x, y, t) => {
    // Its green: most of what an eye calls bright.
    const path = figure.call("value", 3 * (SIDE * y + x) + 1, t);
    return Array.from({ length: t + 1 }, (_, t) => path.slice(4 * t, 4 * t + 4));
  };

  const countWithin = (path) => path.filter(([mean, sigma, stepped]) => Math.abs(stepped - mean) <= sigma).length;

  window.liveKinds["walk-or-jump"] = {
    side: SIDE,
    inputs: [
      { name: "t", text: "timestep t", min: 0, max: STEPS - 1, step: 1, value: 11, isAxis: true },
      { name: "x", text: "pixel, across", min: 0, max: SIDE - 1, step: 1, value: 60, group: "The pixel that is followed" },
      { name: "y", text: "pixel, down", min: 0, max: SIDE - 1, step: 1, value: 24, group: "The pixel that is followed" },
    ],
    frames: ["", ""],

    command({ t }, figure) {
      const flags = `--beta-start ${START} --beta-end ${END} --steps ${STEPS}`;
      const frame = `frame-${String(t + 1).padStart(3, "0")}.png`;
      return [["part-c-schedule-for-beta", "trajectory"], ["part-d-alpha-bar-trick", "jump"]]
        .map(([crate, folder]) => `${figure.run(crate, `${flags} --frames-dir ${folder}`)} # ${folder}/${frame}`)
        .join("\n");
    },

    guess: {
      min: 0,
      max: STEPS,
      step: 1,
      isWhole: true,
      within: 0.2,
      ask: ({ x, y }) => `Step by step to the last timestep, at how many of the ${STEPS} timesteps is the pixel at (${x}, ${y}) within its band?`,
      of: ({ x, y }, { seed }) => [x, y, seed],

      answer(figure, { x, y }) {
        const value = countWithin(pathOf(figure, x, y, STEPS - 1));
        return { value, because: `it is within one sigma of the mean at ${value} of ${STEPS} timesteps.` };
      },
    },

    build(figure) {
      figure.histograms = new Plot(figure);
      figure.pixel = new Plot(figure);
      figure.tape = new Tape(figure, { input: "t", button: "Play" });
      figure.marks = figure.frames.map(({ canvas }) => {
        const mark = window.liveParts.element("i", { className: "mark" });
        canvas.parentElement.prepend(mark);
        const follow = ({ offsetX, offsetY }) => {
          const at = (offset, length) => Math.min(Math.max(Math.floor((SIDE * offset) / length), 0), SIDE - 1);
          Object.assign(figure.controls.values, { x: at(offsetX, canvas.clientWidth), y: at(offsetY, canvas.clientHeight) });
          figure.schedule();
        };
        const { values } = figure.controls;
        window.liveParts.holds(canvas, () => [values.x, values.y].map((place) => ((place + 0.5) / SIDE) * canvas.clientWidth));
        canvas.onpointerdown = (event) => {
          canvas.setPointerCapture(event.pointerId);
          follow(event);
        };
        canvas.onpointermove = (event) => canvas.hasPointerCapture(event.pointerId) && follow(event);
        return mark;
      });
    },

    begin(figure) {
      figure.call("begin", SIDE, START, END, STEPS, figure.seed);
      figure.shownAt = undefined;
      figure.tape.restart(...Array(STEPS).keys());
    },

    draw(figure, { x, y }) {
      const { place: t } = figure.tape.shown;
      // Another pixel leaves both states as they are.
      if (figure.shownAt !== t) {
        figure.shownAt = t;
        const numbers = figure.call("at", t);
        figure.densities = [numbers.slice(0, 80), numbers.slice(80)];
        figure.show([0, 1]);
        figure.name([`in ${t + 1} ${t ? "steps" : "step"}`, "in one jump"]);
      }
      const { densities } = figure;
      figure.histograms.draw(
        { x: { name: "value", min: -4, max: 4 }, y: { name: "density", min: 0, max: 1 } },
        [
          { name: "step by step", colour: 0, as: "area", points: histogram(densities[0]) },
          { name: "by a jump", colour: 1, points: histogram(densities[1]) },
          { name: "N(0, 1)", colour: 2, as: "dashed", points: normal },
        ],
      );
      const rows = pathOf(figure, x, y, t);
      const of = (value) => rows.map((row, t) => [t, value(row)]);
      figure.pixel.draw(
        { x: { name: "timestep t", min: 0, max: STEPS - 1 }, y: { name: "green of the pixel", min: -3, max: 3 } },
        [
          { name: "mean ± sigma", colour: 2, as: "band", points: [...of(([m, s]) => m + s), ...of(([m, s]) => m - s).reverse()] },
          { colour: 2, as: "dashed", points: of(([mean]) => mean) },
          { name: "step by step", colour: 0, points: of(([, , stepped]) => stepped) },
          { name: "by a jump", colour: 1, as: "dots", points: of(([, , , jumped]) => jumped) },
        ],
      );
      for (const mark of figure.marks) {
        mark.style.left = `${(100 * (x + 0.5)) / SIDE}%`;
        mark.style.top = `${(100 * (y + 0.5)) / SIDE}%`;
      }
      const [mean, sigma, stepped, jumped] = rows[t].map((number) => figure.rounded(number, 2));
      const [one, other] = densities.map((density) => `${(100 * overlapWithNormal(density)).toFixed(0)}\u00a0%`);
      const histograms = `Of the bell of N(0, 1), the histogram covers ${one} step by step and ${other} by a jump`;
      return {
        told: `t = ${t}. ${histograms}. The pixel at (${x}, ${y}) has the mean ${mean} and a sigma of ${sigma}; it is ${stepped} step by step and ${jumped} by a jump. Step by step, it was within one sigma of the mean at ${countWithin(rows)} of ${t + 1} timesteps.`,
        isPassing: figure.tape.isPlaying,
        caption: "The same timestep step by step (chapter C) and by a jump (chapter D), how the values of both states are distributed, and what becomes of one pixel: the one at the ring, which can be dragged.",
        alt: `Two pictures of ${figure.subject.toLowerCase()} at t = ${t}: one after a trajectory of ${t + 1} ${t ? "steps" : "step"}, one after a single jump, with other noise. ${histograms}.`,
      };
    },
  };
})();
