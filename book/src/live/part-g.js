// Part G: a picture grows out of noise, from the patches of a photograph.
"use strict";

(() => {
  const SIDE = 48;
  const STEPS = 30;
  /** So long, in milliseconds, the page may be kept from its reader. */
  const SLICE = 12;

  const isDone = (figure) => figure.remaining === 0;

  /** Grows a picture from the noise that is shown, or, when that has been done, from new
   * noise. */
  const grow = (figure) => {
    if (isDone(figure)) {
      figure.seed += 1;
      figure.restart();
    }
    figure.isGrowing = true;
    figure.schedule();
  };

  const shrink = (figure) => {
    figure.isFixed = false;
    figure.restart();
    figure.schedule();
  };

  /** As many slices of the next steps as there is time for. */
  const advance = (figure) => {
    const start = performance.now();
    while (!isDone(figure) && performance.now() - start < SLICE) {
      [figure.remaining] = figure.call("advance");
    }
    if (isDone(figure)) figure.isGrowing = false;
    else figure.schedule();
  };

  window.liveKinds["part-g"] = {
    module: "way-back",
    side: SIDE,
    inputs: [{ name: "patch", text: "fixed patch, pixels a side", min: 3, max: 47, step: 2, value: 9 }],
    frames: ["", "", ""],
    buttons: [
      ["Grow", grow],
      ["Shrinking patches", shrink],
    ],

    command: ({ patch }, figure) => figure.run("part-g-local-denoiser", `--steps ${STEPS}${figure.isFixed ? ` --patch ${patch}` : ""}`),

    build(figure) {
      figure.isFixed ??= false;
    },

    begin(figure) {
      const { patch } = figure.controls.values;
      figure.call("begin", SIDE, figure.isFixed ? patch : 0, STEPS, figure.seed);
      figure.remaining = STEPS;
    },

    halt(figure) {
      figure.isGrowing = false;
    },

    changed(figure) {
      figure.isFixed = true;
      figure.restart();
    },

    reset(figure) {
      figure.isFixed = false;
    },

    showChoice({ controls, isFixed }) {
      controls.press("Shrinking patches", !isFixed);
    },

    draw(figure, { patch }) {
      if (figure.isGrowing) advance(figure);
      const [alphaBar, side, effective, pieces, largest] = figure.call("state");
      figure.show([0, 1, 2]);
      const isNoise = side === undefined;
      const state = isDone(figure) ? "the picture" : `the state, t = ${figure.remaining - 1}`;
      figure.name([isNoise ? "noise" : state, isNoise ? "no prediction" : "prediction before it", isNoise ? "" : "where that comes from"]);
      const sizes = figure.isFixed ? `patches of ${patch} × ${patch} pixels` : "patches that shrink";
      const made = () =>
        `Its last prediction is from patches of ${side} × ${side} pixels, ${effective.toFixed(1)} of them for a pixel (as an effective number). It is put together from ${pieces === 1 ? "1 piece" : `${pieces} pieces`} of the photograph. The largest has ${largest} of ${SIDE * SIDE} pixels.`;
      const level = `alpha_bar is ${alphaBar.toPrecision(3)}`;
      const told = isNoise
        ? `Noise, to be made into a picture with ${sizes}: press Grow.`
        : `${isDone(figure) ? "Done" : `t = ${figure.remaining - 1}, ${level}`}. ${made()}`;
      return {
        told,
        caption: `A picture of ${SIDE} × ${SIDE} pixels grows out of noise, with ${sizes}: its state, the prediction that this was made from, and the place in the photograph of each pixel of the prediction, red to the right and green downwards.`,
        alt: `Three pictures. ${told}`,
      };
    },

    toAddress(figure, state) {
      if (figure.isFixed) state.set("fixed", "1");
    },

    fromAddress(figure, asked) {
      figure.isFixed = asked.get("fixed") === "1";
    },
  };
})();
