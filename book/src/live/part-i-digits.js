// Part I: digits out of the same noise with each sampler, in a few steps.
"use strict";

(() => {
  const GUIDANCE = 1;
  const STEPS = 5;
  const { Digits, Names, Tape } = window.liveParts;
  const SAMPLERS = Names.samplers;
  /** The last of them has a command. */
  const [, COMMANDED] = SAMPLERS.at(-1);

  /** The rows as they are now. */
  const stateOf = (figure) => SAMPLERS.map((_, sampler) => Digits.row(figure, sampler));

  /** An evaluation for one of the samplers, and the state when all have taken the step. */
  const advance = (figure) => {
    const [taken] = figure.call("advance");
    return taken < figure.tape.states.length ? undefined : stateOf(figure);
  };

  window.liveKinds["part-i-digits"] = {
    module: "samplers",
    network: "digits-network",
    changed: (figure) => figure.restart(),
    inputs: [
      { name: "taken", text: "steps taken", min: 0, max: STEPS, step: 1, value: STEPS, isAxis: true, endOf: ({ steps }) => steps },
      { name: "steps", text: "number of steps", min: 2, max: 50, step: 1, value: STEPS, group: "Samplers" },
    ],
    choices: [Digits.label(Digits.EACH)],

    command({ steps }, figure) {
      const flags = `--model data/evidence/digits.safetensors${Digits.option(figure)} --samples ${Digits.COUNT} --steps ${steps}`;
      return `cargo run -p part-i-samplers -- ${flags} --sampler ${COMMANDED}${figure.seed ? ` --seed ${figure.seed}` : ""}`;
    },

    build(figure) {
      figure.tape = new Tape(figure, { input: "taken", button: "Play", next: () => advance(figure) });
      Digits.addLabels(figure);
      SAMPLERS.forEach(([name]) => Digits.addRow(figure, name));
    },

    begin(figure) {
      figure.call("begin", figure.controls.chosen.label, GUIDANCE, Digits.COUNT, figure.controls.values.steps, figure.seed);
      figure.tape.restart(stateOf(figure));
    },

    draw(figure, { steps }) {
      const { place, state, isThere } = figure.tape.shown;
      figure.put(state.map(({ picture }) => picture));
      Digits.showLabels(figure);
      figure.name(SAMPLERS.map(([name], row) => `${name}: ${state[row].numbers[0]} evaluation${state[row].numbers[0] === 1 ? "" : "s"}`));
      const contrasts = SAMPLERS.map(([name], row) => [state[row].numbers[1], name]).sort(([one], [other]) => one - other);
      const [[least, ofLeast], [most, ofMost]] = [contrasts[0], contrasts.at(-1)];
      const end = `${ofLeast} has the least contrast, ${least.toFixed(3)}, and ${ofMost} the most, ${most.toFixed(3)}`;
      const asked = `Asked for ${Digits.told(figure)}, ${place === steps ? `in ${steps} steps` : `after ${place} of ${steps} steps`}`;
      const told = place ? `${asked}: ${end}.` : `Noise, the same in each row, to become ${Digits.told(figure)} in ${steps} steps${figure.tape.isPlaying ? "" : ": press Play"}.`;
      return {
        told,
        isPassing: figure.tape.isPlaying || !isThere,
        caption: "Digits with each of the samplers, at trailing timesteps and with a guidance scale of 1. Each column begins with the same noise. The contrast is the standard deviation of all pixels, which go from -1 to 1.",
        alt: `${SAMPLERS.length} rows of ${Digits.COUNT} small pictures. ${told}`,
      };
    },
  };
})();
