// Figures of digits: a label that the reader chooses, and rows of digits out of the same noise.
"use strict";

window.liveParts ??= {};
(() => {
  const { element, say } = window.liveParts;

  /** Digits in a row, the side of one in pixels, and the width of a row with a pixel between two. */
  const COUNT = 10;
  const SIDE = 8;
  const WIDTH = COUNT * (SIDE + 1) - 1;

  /** Instead of a digit: each of them in turn. */
  const EACH = 10;

  /** What the figures of digits have in common. */
  const Digits = {
    COUNT,
    EACH,

    /** The choice of a label, which is its number. */
    label: (value) => ({
      name: "label",
      text: "Digit",
      value,
      isList: false,
      options: [...Array.from({ length: EACH }, (_, digit) => [`${digit}`, `${digit}`]), ["Each in turn", `${EACH}`]],
    }),

    /** The label that is chosen in words, and as the command's option. */
    told: ({ controls }) => (controls.chosen.label === EACH ? "each digit in turn" : `the digit ${controls.chosen.label}`),
    option: ({ controls }) => (controls.chosen.label === EACH ? "" : ` --label ${controls.chosen.label}`),

    /** Over the rows, the digit that each column is asked for. */
    addLabels(figure) {
      figure.labels = Array.from({ length: COUNT }, () => element("span", { textContent: "\u00a0" }));
      figure.pictures.append(element("div", { className: "frame" }, element("span", { className: "name" }), element("div", { className: "labels" }, ...figure.labels)));
    },

    showLabels({ labels, controls: { chosen } }) {
      labels.forEach((label, place) => say(label, `${chosen.label === EACH ? place : chosen.label}`));
    },

    /** A place for a row of digits, with its name before it. */
    addRow(figure, name) {
      const canvas = element("canvas", { width: WIDTH, height: SIDE });
      const caption = element("span", { className: "name", textContent: name });
      figure.pictures.append(element("div", { className: "frame" }, caption, canvas));
      figure.frames.push({ canvas, caption, context: canvas.getContext("2d") });
    },

    /** A row as it is now, with the numbers that tell of it. */
    row: (figure, number) => ({ numbers: figure.call("sheet", number, COUNT), picture: figure.lessons.image(WIDTH, SIDE) }),
  };

  Object.assign(window.liveParts, { Digits });
})();
