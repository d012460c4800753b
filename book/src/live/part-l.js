// Part L: digits to order, by a U-Net that has learned from others, and the nearest of those.
"use strict";

(() => {
  const SIDE = 32;
  const COUNT = 5;
  const STEPS = 20;
  /** A digit to begin with. */
  const USUAL = 7;
  const { Digits, Tape, runJob } = window.liveParts;
  const ROWS = ["the state", "what the network predicts from it", "the nearest digit that it has learned from"];
  const NEAREST = 2;

  /** A job: takes the steps from noise to digits, and says where each has led. A worker gets this function and nothing else of
   * this file. */
  const sampler = ({ call, pixels }, { begin, steps }, say) => {
    const seen = { taken: -1 };
    const step = () => {
      call(...(seen.taken < 0 ? begin : ["advance"]));
      seen.taken += 1;
      const numbers = call("state");
      const isDone = seen.taken === steps;
      say({ ...seen, numbers, pixels: pixels(), isDone });
      return !isDone;
    };
    return { step, seen };
  };

  /** Digits that are made, of what is chosen now. */
  const begin = ({ controls: { values, chosen }, seed, learned }) => {
    const settings = { begin: ["begin", chosen.label, values.guidance, COUNT, STEPS, seed], steps: STEPS };
    return [sampler, settings, learned];
  };

  const take = ({ pixels, numbers }) => {
    const length = 4 * SIDE * SIDE;
    const pictures = Array.from({ length: pixels.length / length }, (_, place) => new ImageData(pixels.slice(place * length, (place + 1) * length), SIDE, SIDE));
    const neighbours = Array.from({ length: numbers.length / 2 }, (_, place) => ({ label: numbers[2 * place], distance: numbers[2 * place + 1] }));
    return { pictures, neighbours };
  };

  const make = (figure, shouldRun) => figure.learned && runJob(figure, shouldRun, { begin: () => begin(figure), take });

  window.liveKinds["part-l"] = {
    module: "u-net",
    network: "digits-u-net",
    changed: (figure) => figure.restart(),
    waits: "Press Draw: then the network is loaded, with the 9,000 digits that it has learned from. That is 4.7 MB.",
    loads: "The network and its digits are on their way, 4.7 MB.",
    inputs: [
      { name: "taken", text: "steps taken", min: 0, max: STEPS, step: 1, value: 0, isAxis: true },
      { name: "guidance", text: "guidance scale", min: 0, max: 6, step: 0.5, value: 1, group: "Guidance" },
    ],
    choices: [Digits.label(USUAL)],

    command({ guidance }, figure) {
      const flags = `--load data/evidence/digits-u-net --data mnist${Digits.option(figure)} --samples ${COUNT} --guidance ${guidance} --sampler dpm-solver++`;
      return `cargo run -p part-l-u-net -- ${flags}${figure.seed ? ` --seed ${figure.seed}` : ""}`;
    },

    build(figure) {
      figure.tape = new Tape(figure, { input: "taken", button: "Draw", run: (shouldRun) => make(figure, shouldRun) });
      ROWS.forEach((name, row) => {
        figure.addRow(name);
        for (let place = 0; place < COUNT; place += 1) figure.frames.push(figure.addFrame("", row < NEAREST ? "unnamed" : ""));
      });
      for (const { canvas } of figure.frames) canvas.width = canvas.height = SIDE;
    },

    begin(figure) {
      figure.error = undefined;
      figure.tape.restart();
    },

    draw(figure, { guidance }) {
      const { tape, frames, error } = figure;
      const { place, state: { pictures = [], neighbours = [] } = {}, isThere } = tape.shown;
      for (const { context } of frames.slice(pictures.length)) context.clearRect(0, 0, SIDE, SIDE);
      figure.put(pictures);
      const names = neighbours.map(({ label, distance }) => `${label}, ${distance.toFixed(2)} away`);
      figure.name(names.length ? names : Array(COUNT).fill(""), NEAREST * COUNT);
      const asked = `Asked for ${Digits.told(figure)}, with a guidance scale of ${guidance}`;
      const { label: wanted } = figure.controls.chosen;
      const right = neighbours.filter(({ label }, place) => label === (wanted === Digits.EACH ? place : wanted)).length;
      const where = place === STEPS ? "Done" : `After ${place} of ${STEPS} steps`;
      const stopped = error ? ` It stops: ${error}.` : "";
      const beginning = error ? `it does not begin: ${error}.` : "the network begins.";
      const text = place > 0
        ? `${asked}. ${where}: the nearest of 9,000 digits are of the label asked for in ${right} of ${COUNT} cases.${stopped}`
        : `${asked}: ${pictures.length ? `noise. Press Draw.${stopped}` : beginning}`;
      return {
        told: text,
        isPassing: tape.isPlaying || !isThere,
        caption: `Digits of chapter L's network, in ${STEPS} steps of DPM-Solver++: the states, what it predicts, and the nearest digit of those that it has learned from, with the label that this has and how far it is.`,
        alt: `Three rows of ${COUNT} small pictures: states, predictions and digits that were learned from. ${text}`,
      };
    },
  };
})();
