// Part G: a picture grows out of noise, from the patches of a photograph.
"use strict";

(() => {
  const SIDE = 48;
  const STEPS = 30;
  const { Tape } = window.liveParts;

  /** Whether patches have one side from the first step to the last. */
  const isFixed = ({ controls }) => controls.chosen.patches === 1;

  /** The state that there is now: its three pictures, and its numbers. */
  const stateOf = (figure) => {
    const numbers = figure.call("state");
    return { numbers, pictures: [0, 1, 2].map((number) => figure.lessons.frame(SIDE, number)) };
  };

  /** A slice of the next step, and the state when it was the last slice. */
  const advance = (figure) => {
    const [remaining] = figure.call("advance");
    if (remaining === figure.remaining) return undefined;
    figure.remaining = remaining;
    return stateOf(figure);
  };

  window.liveKinds["part-g"] = {
    module: "way-back",
    side: SIDE,
    inputs: [
      { name: "taken", text: "steps taken", min: 0, max: STEPS, step: 1, value: 0, isAxis: true },
      { name: "patch", text: "side, in pixels", min: 3, max: 47, step: 2, value: 9, group: "Patches" },
    ],
    choices: [{ name: "patches", text: "Patches", options: [["Shrinking", "shrinking"], ["Of one side", "fixed"]] }],
    frames: ["", "", ""],

    command: ({ patch }, figure) => figure.run("part-g-local-denoiser", `--steps ${STEPS}${isFixed(figure) ? ` --patch ${patch}` : ""}`),

    build(figure) {
      figure.tape = new Tape(figure, { input: "taken", button: "Grow", next: () => advance(figure) });
      figure.frames[0].canvas.parentElement.classList.add("first");
    },

    begin(figure) {
      const { patch } = figure.controls.values;
      figure.call("begin", SIDE, isFixed(figure) ? patch : 0, STEPS, figure.seed);
      figure.remaining = STEPS;
      const noise = stateOf(figure);
      // Until something is predicted, what it will be made from.
      figure.lessons.call(0, "clean", SIDE);
      noise.pictures[1] = figure.lessons.frame(SIDE, 0);
      figure.tape.restart(noise);
    },

    changed(figure, name) {
      if (name === "patch") figure.controls.chosen.patches = 1;
      figure.restart();
    },

    draw(figure, { patch }) {
      const { place, state, isThere } = figure.tape.shown;
      const [alphaBar, side, effective, pieces, largest] = state.numbers;
      figure.put(state.pictures);
      const isDone = place === STEPS;
      const name = isDone ? "the picture" : `the state, t = ${STEPS - 1 - place}`;
      figure.name(place ? [name, "last prediction", "where that comes from"] : ["noise", "the photograph", ""]);
      figure.frames[2].canvas.parentElement.style.visibility = place ? "" : "hidden";
      const sizes = isFixed(figure) ? `patches of ${patch} × ${patch} pixels` : "patches that shrink";
      const made = () =>
        `Its last prediction is from patches of ${side} × ${side} pixels, ${effective.toFixed(1)} of them for a pixel (as an effective number). It is put together from ${pieces === 1 ? "1 piece" : `${pieces} pieces`} of the photograph. The largest has ${largest} of ${SIDE * SIDE} pixels.`;
      const level = `alpha_bar is ${alphaBar.toPrecision(3)}`;
      const told = place
        ? `${isDone ? "Done" : `t = ${STEPS - 1 - place}, ${level}`}. ${made()}`
        : `Noise, to be made into a picture with ${sizes}: press Grow.`;
      return {
        told,
        isPassing: figure.tape.isPlaying || !isThere,
        caption: place
          ? `A picture of ${SIDE} × ${SIDE} pixels grows out of noise, with ${sizes}: its state, the prediction that this was made from, and the place in the photograph of each pixel of the prediction, red to the right and green downwards.`
          : `Noise of ${SIDE} × ${SIDE} pixels, and the photograph that a picture is made from, with ${sizes}.`,
        alt: `${place ? "Three pictures" : "Noise, and the photograph"}. ${told}`,
      };
    },
  };
})();
