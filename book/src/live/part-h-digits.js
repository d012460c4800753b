// Part H: digits that nobody wrote, drawn by a network that has learned from others.
"use strict";

(() => {
  /** Digits in a row and in a column, the side of one in pixels, and of all with a pixel
   * between two. */
  const COLUMNS = 5;
  const DIGIT = 8;
  const SHEET = COLUMNS * (DIGIT + 1) - 1;
  const { element, Digits } = window.liveParts;

  /** A digit to begin with. */
  const USUAL = 7;
  const digits = new Digits({ usual: USUAL, slice: 6 });

  window.liveKinds["part-h-digits"] = {
    ...digits.shared(),
    module: "learning",
    inputs: [{ name: "guidance", text: "guidance scale", min: 0, max: 4, step: 0.5, value: 2 }],

    command({ guidance }, { label, seed }) {
      const flags = `--load data/evidence/digits.safetensors${Digits.option(label)} --guidance ${guidance} --samples ${COLUMNS * COLUMNS}`;
      return `cargo run -p part-h-learning-to-denoise -- ${flags}${seed ? ` --seed ${seed}` : ""}`;
    },

    build(figure) {
      figure.label ??= USUAL;
      const canvas = element("canvas", { width: SHEET, height: SHEET });
      figure.pictures.append(element("div", { className: "frame" }, canvas));
      figure.frames.push({ canvas, context: canvas.getContext("2d") });
    },

    begin(figure) {
      const { label, controls, seed } = figure;
      [figure.remaining] = figure.call("begin", label, controls.values.guidance, COLUMNS * COLUMNS, seed);
      figure.steps = figure.remaining;
    },

    draw(figure, { guidance }) {
      const { label, lessons, steps } = figure;
      digits.advance(figure);
      const [difference] = figure.call("sheet", COLUMNS);
      figure.frames[0].context.putImageData(lessons.image(SHEET, SHEET), 0, 0);
      const count = COLUMNS * COLUMNS;
      const asked = `${Digits.told(label)}, with a guidance scale of ${guidance}`;
      const where = figure.remaining ? `Asked for ${asked}: ${figure.remaining} of ${steps} steps are left.` : `${count} digits out of noise, asked for ${asked}.`;
      const told = `${where} Two of them differ by ${difference.toFixed(3)} on average: the root mean square over their pixels, which go from -1 to 1.`;
      return {
        told,
        isPassing: figure.remaining > 0,
        caption: `${count} pictures of 8 × 8 pixels, drawn by a network that has learned from handwritten digits; asked for ${asked}.`,
        alt: `${count} small pictures. ${told}`,
      };
    },
  };
})();
