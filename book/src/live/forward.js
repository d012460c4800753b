// The introduction: into the noise with one slider, before any formula.
"use strict";

(() => {
  const SIDE = 192;
  const [START, END, STEPS] = [0.0001, 0.6, 24];
  const { Tape } = window.liveParts;

  window.liveKinds.forward = {
    side: SIDE,
    inputs: [{ name: "step", text: "step", min: 0, max: STEPS, step: 1, value: 0, isAxis: true }],
    frames: [""],
    waits: "Drag the slider into the noise.",

    command: ({ step }, figure) =>
      `${figure.run("part-d-alpha-bar-trick", `--beta-start ${START} --beta-end ${END} --steps ${STEPS} --frames-dir frames`)} # frames/frame-${String(step).padStart(3, "0")}.png`,

    build(figure) {
      figure.tape = new Tape(figure, { input: "step", button: "Play" });
    },

    begin(figure) {
      const alphaBars = figure.call("schedule", START, END, STEPS).slice(STEPS);
      figure.evenAt = 1 + alphaBars.findIndex((fraction) => fraction < 0.5);
      figure.tape.restart(...Array(STEPS + 1).keys());
    },

    draw(figure) {
      const { place: step } = figure.tape.shown;
      let [told, name] = ["The picture as it is. Drag the slider into the noise.", "no noise"];
      if (step) {
        const numbers = figure.call("jump", SIDE, START, END, STEPS, step - 1, figure.seed);
        const [signal, noise] = numbers.slice(5, 7).map((factor) => factor.toFixed(2));
        name = `${signal} × picture + ${noise} × noise`;
        told = `Step ${step} of ${STEPS}: ${signal} times the picture plus ${noise} times noise.`;
      } else {
        figure.lessons.call(0, "clean", SIDE);
      }
      figure.show([0]);
      figure.name([name]);
      if (figure.lostAt === step) told += ` Here you lose it. From step ${figure.evenAt} on, the factor of the noise is the larger one.`;
      return {
        told,
        isPassing: figure.tape.isPlaying,
        caption: "The forward process, under your finger.",
        alt: `${figure.subject} ${step ? `after ${step} of ${STEPS} steps into the noise` : "without noise"}. ${told}`,
      };
    },

    scrubbed: (figure) => (figure.lostAt = undefined),
    reset: (figure) => (figure.lostAt = undefined),

    buttons: [
      [
        "I lose it here",
        (figure) => {
          figure.tape.hold();
          figure.lostAt = figure.controls.values.step;
          figure.schedule();
        },
      ],
    ],
  };
})();
