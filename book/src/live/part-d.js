// Part D: signal + noise = state, at any timestep.
"use strict";

(() => {
  const SIDE = 192;
  const [START, END, STEPS] = [0.0001, 0.6, 24];
  const { Plot, Tape, histogram, normal } = window.liveParts;

  window.liveKinds["part-d"] = {
    side: SIDE,
    inputs: [{ name: "t", text: "timestep t", min: 0, max: STEPS - 1, step: 1, value: 12, isAxis: true }],
    frames: ["signal", "noise", "state"],

    command: ({ t }, figure) =>
      `${figure.run("part-d-alpha-bar-trick", `--beta-start ${START} --beta-end ${END} --steps ${STEPS} --frames-dir frames`)} # frames/frame-${String(t + 1).padStart(3, "0")}.png`,

    guess: {
      min: 0,
      max: STEPS - 1,
      step: 1,
      isWhole: true,
      ask: () => "From which timestep on is less than half of the picture's variance left?",

      answer(figure) {
        const alphaBars = figure.call("schedule", START, END, STEPS).slice(STEPS);
        const value = alphaBars.findIndex((alphaBar) => alphaBar < 0.5);
        const [before, there] = alphaBars.slice(value - 1, value + 1).map((alphaBar) => alphaBar.toPrecision(3));
        return { value, because: `from t = ${value} on. There alpha_bar is ${there}, and ${before} at t = ${value - 1}.` };
      },
    },

    build(figure) {
      figure.pictures.classList.add("sum");
      figure.plot = new Plot(figure, { height: 240 });
      figure.tape = new Tape(figure, { input: "t", button: "Play" });
    },

    begin: ({ tape }) => tape.restart(...Array(STEPS).keys()),

    draw(figure) {
      const { place: t } = figure.tape.shown;
      const numbers = figure.call("jump", SIDE, START, END, STEPS, t, figure.seed);
      figure.show([1, 2, 0]);
      const [alphaBar, signal, noise] = numbers.slice(4, 7);
      const [a, b] = [signal, noise].map((factor) => factor.toFixed(3));
      figure.name([`${a} · x₀`, `${b} · ε`, "the state"]);
      figure.plot.draw(
        { x: { name: "value", min: -4, max: 4 }, y: { name: "density", min: 0, max: 1 } },
        [
          { name: "values of the state", colour: 2, as: "area", points: histogram(numbers.slice(7)) },
          { name: "N(0, 1)", colour: 3, points: normal },
        ],
      );
      return {
        told: `t = ${t}: alpha_bar is ${alphaBar.toPrecision(3)}, so the factors are its root, ${a}, and the root of the rest, ${b}. The state has ${figure.moments(numbers)}.`,
        isPassing: figure.tape.isPlaying,
        caption: "A jump to any timestep, with the schedule of this book: a weaker picture plus noise is the state. Beside them, how the values of the state are distributed.",
        alt: `Three pictures, the first two of which add up to the third: ${figure.subject.toLowerCase()} times ${a}, noise times ${b}, and the state at t = ${t}.`,
      };
    },
  };
})();
