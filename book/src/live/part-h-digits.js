// Part H: digits that nobody wrote, drawn by a network that has learned from others, with more and more guidance.
"use strict";

(() => {
  const { Digits, Tape } = window.liveParts;
  const SCALES = [0, 1, 2, 4];
  const STEPS = 100;
  /** A digit to begin with. */
  const USUAL = 7;

  /** The rows as they are now. */
  const stateOf = (figure) => SCALES.map((_, scale) => Digits.row(figure, scale));

  /** A step with one of the scales, and the state when all have taken it. */
  const advance = (figure) => {
    const [remaining] = figure.call("advance");
    if (remaining === figure.remaining) return undefined;
    figure.remaining = remaining;
    return stateOf(figure);
  };

  const listed = (phrases) => `${phrases.slice(0, -1).join(", ")} and ${phrases.at(-1)}`;

  window.liveKinds["part-h-digits"] = {
    module: "learning",
    network: "digits-network",
    changed: (figure) => figure.restart(),
    inputs: [{ name: "taken", text: "steps taken", min: 0, max: STEPS, step: 1, value: 0, isAxis: true }],
    choices: [Digits.label(USUAL)],

    command(_, figure) {
      const flags = `--load data/evidence/digits.safetensors${Digits.option(figure)} --samples ${Digits.COUNT}`;
      const seed = figure.seed ? ` --seed ${figure.seed}` : "";
      return SCALES.map((scale) => `cargo run -p part-h-learning-to-denoise -- ${flags} --guidance ${scale}${seed}`).join("\n");
    },

    build(figure) {
      figure.tape = new Tape(figure, { input: "taken", button: "Draw", next: () => advance(figure) });
      Digits.addLabels(figure);
      SCALES.forEach((scale) => Digits.addRow(figure, `guidance scale ${scale}`));
    },

    begin(figure) {
      figure.call("begin", figure.controls.chosen.label, Digits.COUNT, figure.seed);
      SCALES.forEach((scale) => figure.call("guide", scale));
      figure.remaining = STEPS;
      figure.tape.restart(stateOf(figure));
    },

    draw(figure) {
      const { place, state, isThere } = figure.tape.shown;
      figure.put(state.map(({ picture }) => picture));
      Digits.showLabels(figure);
      const differences = SCALES.map((scale, row) => `${state[row].numbers[0].toFixed(3)} with a scale of ${scale}`);
      const where = place === STEPS ? "Done" : `After ${place} of ${STEPS} steps`;
      const told = place
        ? `Asked for ${Digits.told(figure)}. ${where}: two digits of a row differ by ${listed(differences)}, on average.`
        : `Noise, the same in each row, to become ${Digits.told(figure)}: press Draw.`;
      return {
        told,
        isPassing: figure.tape.isPlaying || !isThere,
        caption: "Digits drawn by a network that has learned from handwritten ones. Each column begins with the same noise, and each row has a guidance scale. How much two digits differ is the root mean square over their pixels, which go from -1 to 1.",
        alt: `${SCALES.length} rows of ${Digits.COUNT} small pictures. ${told}`,
      };
    },
  };
})();
