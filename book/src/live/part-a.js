// Part A: sliders for a and b; a trajectory of 24 steps, and the spread step by step.
"use strict";

(() => {
  const SIDE = 96;
  const STEPS = 24;
  const SHOWN = [0, 1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24];
  const { Plot, Strip, Tape, ofTrajectory } = window.liveParts;

  /** Another b to be asked about, which can be tried; without the rest that a computation in binary leaves. */
  const otherB = (b) => {
    const [how, other] = b > 0.5 ? ["Half", b / 2] : ["Twice", 2 * b];
    return [how, Number(other.toPrecision(9))];
  };

  const trajectory = (figure, a, b) => figure.call("trajectory", SIDE, a, b, STEPS, figure.seed);

  window.liveKinds["part-a"] = {
    side: SIDE,
    ...ofTrajectory(STEPS),
    inputs: [
      { name: "step", text: "step", min: 0, max: STEPS, step: 1, value: 4, isAxis: true },
      { name: "a", text: "a, picture kept", min: 0, max: 1, step: 0.01, value: 0.5, group: "A step" },
      { name: "b", text: "b, noise added", min: 0, max: 1, step: 0.01, value: 0.1, group: "A step" },
    ],
    command: ({ a, b, step }, figure) =>
      `${figure.run("part-a-very-simple-diffusion", `--a ${a} --b ${b} --steps ${STEPS} --frames-dir frames`)} # frames/frame-${String(step).padStart(3, "0")}.png`,

    guess: {
      min: 0,
      max: 10,
      step: 0.01,
      within: 0.1,
      ask({ b, step }) {
        const [how, other] = otherB(b);
        return step ? `${how} the noise, b = ${other}: what is the standard deviation after ${step === 1 ? "one step" : `${step} steps`} then?` : undefined;
      },
      of: ({ a, b, step }, { seed }) => [a, b, step, seed],

      answer(figure, { a, b, step }) {
        const [, other] = otherB(b);
        const [value, now] = [other, b].map((b) => trajectory(figure, a, b)[4 * step + 1]);
        return { value, because: `with b = ${other} it is ${value.toFixed(4)}, where it is ${now.toFixed(4)} with b = ${b}.` };
      },
    },

    build(figure) {
      figure.track = new Strip(figure, { input: "step", steps: STEPS, shown: SHOWN, spare: [3, 10, 20] });
      figure.plot = new Plot(figure);
      figure.tape = new Tape(figure, { input: "step", button: "Play" });
    },

    draw(figure, { a, b }) {
      const { place: step } = figure.tape.shown;
      figure.numbers ??= figure.track.take(() => trajectory(figure, a, b), step);
      const { numbers } = figure;
      const after = step === 1 ? "one step" : `${step} steps`;
      figure.track.show(step, step ? `after ${after}` : "the input");
      const limit = numbers[numbers.length - 1];
      const of = (place) => Array.from({ length: STEPS + 1 }, (_, step) => [step, numbers[4 * step + place]]);
      const most = Math.max(1.2, 1.1 * Math.max(...of(1).map(([, std]) => std)));
      figure.plot.draw(
        { x: { name: "step", min: 0, max: STEPS }, y: { name: "standard deviation", min: 0, max: most } },
        [
          { as: "here", colour: 0, points: [[step, 0], [step, most]] },
          { name: "standard normal noise", colour: 2, as: "dashed", points: [[0, 1], [STEPS, 1]] },
          ...(limit <= most ? [{ name: "where it tends", colour: 3, as: "dashed", points: [[0, limit], [STEPS, limit]] }] : []),
          { name: "predicted", colour: 0, points: of(3) },
          { name: "measured", colour: 1, as: "dots", points: of(1) },
        ],
      );
      const told = `${step ? `After ${after}` : "The input"}: ${figure.moments(numbers.slice(4 * step, 4 * step + 4))}. ${this.end(a, b, limit)}`;
      return {
        told,
        isPassing: figure.tape.isPlaying,
        caption: `Chapter A with a = ${a} and b = ${b}: a state, the strip that it is from, and how far its values spread, step by step.`,
        alt: `${figure.subject} after ${after} with a = ${a} and b = ${b}, and a strip of its states from the input to ${STEPS} steps. ${told}`,
      };
    },

    /** Where it all leads, in words. */
    end(a, b, limit) {
      if (a >= 1 && b > 0) return "The spread grows without end: nothing makes the old noise weaker.";
      if (a >= 1) return "Nothing changes: all of the picture is kept, and no noise comes.";
      const told = `The spread tends to ${limit.toFixed(4)}`;
      if (Math.abs(limit - 1) < 5e-5) return `${told}: that of standard normal noise. You have found a pair that works.`;
      return `${told}, ${limit < 1 ? "less" : "more"} than the 1 of standard normal noise.`;
    },

    buttons: [
      [
        "Set b so that a² + b² = 1",
        ({ controls }) => {
          // The command takes numbers of 32 bits: the fewest digits that name one.
          const exact = Math.fround(Math.sqrt(1 - Math.fround(controls.values.a) ** 2));
          const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9].find((digits) => Math.fround(exact.toPrecision(digits)) === exact);
          controls.set("b", Number(exact.toPrecision(digits)));
        },
        { group: "A step" },
      ],
    ],
  };
})();
