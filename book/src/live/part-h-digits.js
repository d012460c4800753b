// Part H: digits that nobody has written, drawn by a network that has learned from others.
"use strict";

(() => {
  /** Digits in a row and in a column, the side of one in pixels, and of all with a pixel between two. */
  const COLUMNS = 5;
  const DIGIT = 8;
  const SHEET = COLUMNS * (DIGIT + 1) - 1;
  /** Instead of a digit: each of them in turn. */
  const EACH = 10;
  /** So long, in milliseconds, the page may be kept from its reader. */
  const SLICE = 6;
  const { element } = window.liveParts;

  const choose = (label) => (figure) => {
    figure.label = label;
    window.liveKinds["part-h-digits"].begin(figure);
    figure.schedule();
  };

  /** As many steps back as there is time for. The first digits are not waited for: they are there when the figure is. */
  const advance = (figure) => {
    const end = performance.now() + (figure.hasAttribute("alive") ? SLICE : Infinity);
    while (figure.left > 0 && performance.now() < end) {
      figure.lessons.call("part_h_digits_step");
      [figure.left] = figure.lessons.numbers();
    }
    if (figure.left > 0) figure.schedule();
  };

  window.liveKinds["part-h-digits"] = {
    module: "learning",
    network: "digits-network",
    inputs: [{ name: "guidance", text: "guidance scale", min: 0, max: 4, step: 0.5, value: 2 }],
    buttons: [...Array.from({ length: 10 }, (_, digit) => [`${digit}`, choose(digit)]), ["Each in turn", choose(EACH)]],

    command({ guidance }, { label, seed }) {
      const asked = label === EACH ? "" : ` --label ${label}`;
      const flags = `--load data/evidence/digits.safetensors${asked} --guidance ${guidance} --samples ${COLUMNS * COLUMNS}`;
      return `cargo run -p part-h-learning-to-denoise -- ${flags}${seed ? ` --seed ${seed}` : ""}`;
    },

    build(figure) {
      figure.label ??= 7;
      const canvas = element("canvas", { width: SHEET, height: SHEET });
      figure.pictures.append(element("div", { className: "frame" }, canvas));
      figure.frames.push({ canvas, context: canvas.getContext("2d") });
    },

    begin(figure) {
      const { label, controls, seed, lessons } = figure;
      lessons.call("part_h_digits", label, controls.values.guidance, COLUMNS * COLUMNS, seed);
      [figure.left] = figure.lessons.numbers();
      figure.steps = figure.left;
    },

    changed(figure) {
      if (figure.lessons) this.begin(figure);
    },

    reset(figure) {
      figure.label = 7;
    },

    draw(figure, { guidance }) {
      const { label, controls, lessons, steps } = figure;
      advance(figure);
      for (let digit = 0; digit < 10; digit += 1) controls.press(`${digit}`, digit === label);
      controls.press("Each in turn", label === EACH);
      lessons.call("part_h_digits_look", COLUMNS);
      const [difference] = lessons.numbers();
      figure.frames[0].context.putImageData(lessons.image(SHEET, SHEET), 0, 0);
      const count = COLUMNS * COLUMNS;
      const asked = `${label === EACH ? "each digit in turn" : `the digit ${label}`}, with a guidance scale of ${guidance}`;
      const where = figure.left ? `Asked for ${asked}: ${figure.left} of ${steps} steps are left.` : `${count} digits out of noise, asked for ${asked}.`;
      const told = `${where} Two of them differ by ${difference.toFixed(3)} on average: the root mean square over their pixels, which go from -1 to 1.`;
      return {
        told,
        isPassing: figure.left > 0,
        caption: `${count} pictures of 8 × 8 pixels, drawn by a network that has learned from handwritten digits; asked for ${asked}.`,
        alt: `${count} small pictures. ${told}`,
      };
    },

    toAddress(figure, state) {
      state.set("label", figure.label);
    },

    fromAddress(figure, asked) {
      const label = Number(asked.get("label") ?? NaN);
      figure.label = Number.isInteger(label) && 0 <= label && label <= EACH ? label : 7;
    },
  };
})();
