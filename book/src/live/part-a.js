// Part A: sliders for a, b and the number of steps; five states, and the spread step by step.
"use strict";

(() => {
  /** Without the rest that a computation in binary leaves. */
  const twice = (b) => Number((2 * b).toPrecision(9));

  window.liveKinds["part-a"] = {
    side: 96,
    inputs: [
      { name: "a", text: "a, picture kept", min: 0, max: 1, step: 0.01, value: 0.5 },
      { name: "b", text: "b, noise added", min: 0, max: 1, step: 0.01, value: 0.1 },
      { name: "steps", text: "steps", min: 4, max: 24, step: 4, value: 4 },
    ],
    frames: ["", "", "", "", ""],
    command: ({ a, b, steps }, figure) => figure.run("part-a-very-simple-diffusion", `--a ${a} --b ${b} --steps ${steps}`),

    guess: {
      min: 0,
      max: 10,
      step: 0.01,
      within: 0.1,
      ask: ({ b }) => `Twice the noise, b = ${twice(b)}: what is the standard deviation of the last state then?`,
      of: ({ a, b, steps }, { seed }) => [a, b, steps, seed],

      answer(figure, { a, b, steps }) {
        const [value, now] = [twice(b), b].map((b) => figure.call("trajectory", 96, a, b, steps, figure.seed)[4 * steps + 1]);
        return { value, because: `with b = ${twice(b)} it is ${value.toFixed(4)}, where it is ${now.toFixed(4)} with b = ${b}.` };
      },
    },

    build(figure) {
      figure.plot = new window.liveParts.Plot(figure);
    },

    draw(figure, { a, b, steps }) {
      const shown = [0, 1, 2, 3, 4].map((place) => (place * steps) / 4);
      const numbers = figure.call("trajectory", 96, a, b, steps, figure.seed);
      figure.show(shown);
      figure.name(shown.map((step) => (step ? `step ${step}` : "input")));
      const limit = numbers[numbers.length - 1];
      const last = numbers.slice(4 * steps, 4 * steps + 4);
      const of = (place) => Array.from({ length: steps + 1 }, (_, step) => [step, numbers[4 * step + place]]);
      const most = Math.max(1.2, 1.1 * Math.max(...of(1).map(([, std]) => std)));
      figure.plot.draw(
        { x: { name: "step", min: 0, max: steps }, y: { name: "standard deviation", min: 0, max: most } },
        [
          { name: "that of standard normal noise", colour: 2, as: "dashed", points: [[0, 1], [steps, 1]] },
          ...(limit <= most ? [{ name: "where it tends", colour: 3, as: "dashed", points: [[0, limit], [steps, limit]] }] : []),
          { name: "predicted", colour: 0, points: of(3) },
          { name: "measured", colour: 1, as: "dots", points: of(1) },
        ],
      );
      const end = this.end(a, b, limit);
      return {
        told: `After ${steps} steps: ${figure.moments(last)}. ${end}`,
        caption: `Chapter A with a = ${a} and b = ${b}: the input and the states after ${shown.slice(1).join(", ")} steps. ${end}`,
        alt: `${figure.subject} and its states after ${shown.slice(1).join(", ")} steps with a = ${a} and b = ${b}, side by side. After the last, the values have ${figure.moments(last)}.`,
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
      ],
    ],
  };
})();
