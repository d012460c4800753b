// Part I: the same noise becomes data with two samplers, step by step.
"use strict";

(() => {
  const POINTS = 500;
  const SAMPLES = 200;
  const TIMESTEPS = 1000;
  const STEPS = 10;
  const MOST_STEPS = 50;
  /** So long, in milliseconds, the page may be kept from its reader by the finest trajectory. */
  const SLICE = 12;
  /** Every so many-th point leaves a trail. */
  const EVERY = 2;
  const { element, Names, Plane, Tape, say } = window.liveParts;
  const { data: DATA, samplers: SAMPLERS, schedules: SCHEDULES, spacings: SPACINGS } = Names;
  /** So many samplers draw new noise in any case: the first ones. */
  const DRAWING = 2;
  const SIDES = ["left", "right"];

  const numberOf = (list, wanted) => list.findIndex(([, name]) => name === wanted);
  const DDIM = numberOf(SAMPLERS, "ddim");

  /** Whether the first noise alone decides where a sampler ends. */
  const hasEnd = (sampler, eta) => sampler >= DRAWING && (sampler !== DDIM || eta === 0);

  /** The samplers of both sides. */
  const samplersOf = ({ controls }) => SIDES.map((side) => controls.chosen[side]);

  /** All that samples depend on, but their noise. */
  const choiceOf = ({ controls: { chosen, values } }) => [chosen.schedule, chosen.spacing, values.eta];

  /** Goes on with a sampler, by one evaluation; says whether it is done. */
  const advance = (figure, sampler, steps) => {
    const name = `${sampler} ${steps}`;
    if (!figure.sampled.has(name) && figure.call("advance", sampler, steps)[0] === 0) figure.sampled.add(name);
    return figure.sampled.has(name);
  };

  /** What there is to say of the end of a sampler. */
  const endOf = (figure, sampler, steps) => {
    const [evaluations, distance, error] = figure.call("state", sampler, steps);
    return { evaluations, distance, error };
  };

  /** Both samplers are done: what there is to see of them. */
  const sideOf = (figure, sampler, { steps, eta }) => {
    const [count, ...points] = figure.call("trail", sampler, steps);
    const [coverage] = figure.call("coverage", sampler, steps);
    const size = points.length / count;
    const states = Array.from({ length: count }, (_, number) => points.slice(number * size, (number + 1) * size));
    return { sampler, name: SAMPLERS[sampler][0], hasEnd: hasEnd(sampler, eta), states, coverage, ...endOf(figure, sampler, steps) };
  };

  /** A state is the number of a step. All are there when both samplers are done. */
  const next = (figure) => {
    const { values } = figure.controls;
    const samplers = samplersOf(figure);
    const waiting = samplers.find((sampler) => !advance(figure, sampler, values.steps));
    if (waiting !== undefined) return undefined;
    figure.shown = { steps: values.steps, sides: samplers.map((sampler) => sideOf(figure, sampler, values)) };
    figure.tape.states.push(...Array(values.steps).keys());
    return values.steps;
  };

  /** Goes on with the finest trajectory as long as there is time. */
  const sampleFinest = (figure) => {
    const end = performance.now() + SLICE;
    while (!figure.ends && performance.now() < end) {
      const ends = figure.call("finest");
      if (!ends.length) continue;
      figure.ends = ends;
      const { sides, steps } = figure.shown;
      sides.forEach((side) => Object.assign(side, endOf(figure, side.sampler, steps)));
    }
  };

  const percent = (fraction) => `${(100 * fraction).toFixed(1)}\u00a0%`;

  const tellEnds = ({ sides }, ends) => {
    const has = sides.filter((side) => side.hasEnd);
    const tell = ({ name, evaluations, coverage, distance, error, hasEnd: isOff }) =>
      `${name}: ${evaluations} evaluations, coverage ${percent(coverage)}, distance ${distance.toFixed(4)}${isOff && ends ? `, off by ${error.toFixed(4)}` : ""}.`;
    const later = !has.length || ends ? "" : " How far off they end, you see when the finest trajectory is over.";
    return `${sides.map(tell).join(" ")}${later}`;
  };

  const showKeys = ({ planes: [plane] }, hasLines) => {
    const lines = hasLines ? [["to where the finest trajectory ends", 2, "line"]] : [];
    plane.keys([["data", 1, "dots"], ["states, and how they came there", 0, "dots"], ...lines]);
  };

  /** The sampler that the reader is asked about: one that has an end. */
  const askedFor = (figure) => samplersOf(figure).find((sampler) => hasEnd(sampler, figure.controls.values.eta));

  window.liveKinds["part-i"] = {
    module: "samplers",
    waits: "Press Play, and the noise takes its steps.",
    inputs: [
      { name: "taken", text: "steps taken", min: 0, max: STEPS, step: 1, value: STEPS, isAxis: true, endOf: ({ steps }) => steps },
      { name: "steps", text: "number of steps", min: 2, max: MOST_STEPS, step: 1, value: STEPS, group: "Steps" },
      { name: "eta", text: "eta of DDIM", min: 0, max: 1, step: 0.05, value: 0, group: "Samplers" },
    ],
    choices: [
      { name: "data", text: "Data", options: DATA },
      { name: "left", text: "on the left", group: "Samplers", options: SAMPLERS, value: DDIM },
      { name: "right", text: "on the right", group: "Samplers", options: SAMPLERS, value: SAMPLERS.length - 1 },
      { name: "spacing", text: "at the levels", group: "Steps", options: SPACINGS, value: numberOf(SPACINGS, "karras"), isList: true },
      { name: "schedule", text: "of the schedule", group: "Steps", options: SCHEDULES, isList: true },
    ],

    guess: {
      min: 0.1,
      max: 1000,
      step: 0.1,
      within: 0.3,
      of: ({ steps }, figure) => [steps, askedFor(figure), choiceOf(figure), figure.controls.chosen.data, figure.seed],

      ask({ steps }, figure) {
        const sampler = askedFor(figure);
        if (sampler === undefined || 2 * steps > MOST_STEPS) return undefined;
        return `With twice as many steps, ${2 * steps}, how many times smaller will the error of ${SAMPLERS[sampler][0]} be?`;
      },

      later: (figure) => (figure.ends ? undefined : "One moment: the finest trajectory, which the error is measured by, is on its way."),

      answer(figure, { steps }) {
        const sampler = askedFor(figure);
        const [now, then] = [steps, 2 * steps].map((steps) => {
          while (!advance(figure, sampler, steps));
          return endOf(figure, sampler, steps).error;
        });
        const value = now / then;
        return { value, because: `it is ${value.toFixed(2)} times smaller, ${then.toFixed(4)} after ${now.toFixed(4)}.` };
      },
    },

    command({ steps, eta }, figure) {
      const { data, schedule, spacing } = figure.controls.chosen;
      const flags = `--data ${DATA[data][1]} --points ${POINTS} --samples ${SAMPLES} --schedule ${SCHEDULES[schedule][1]} --spacing ${SPACINGS[spacing][1]} --steps ${steps}`;
      const run = (sampler) =>
        `cargo run -p part-i-samplers -- ${flags} --sampler ${SAMPLERS[sampler][1]}${sampler === DDIM && eta ? ` --eta ${eta}` : ""}${figure.seed ? ` --seed ${figure.seed}` : ""}`;
      return [...new Set(samplersOf(figure).map(run))].join("\n");
    },

    build(figure) {
      figure.tape = new Tape(figure, { input: "taken", button: "Play", next: () => next(figure) });
      figure.planes = SIDES.map(() => new Plane(figure));
      figure.names = figure.planes.map(({ canvas }) => {
        const name = element("span", { className: "name", textContent: "\u00a0" });
        canvas.before(name);
        return name;
      });
      showKeys(figure, false);
      // The finest trajectory is for those who see the figure.
      const inView = new IntersectionObserver((entries) => {
        figure.isSeen = entries.at(-1).isIntersecting;
        if (figure.isSeen) figure.schedule();
      });
      inView.observe(figure);
    },

    begin(figure) {
      const { data, schedule } = figure.controls.chosen;
      const noise = JSON.stringify([data, figure.seed]);
      const choice = JSON.stringify(choiceOf(figure));
      figure.call("choose", ...choiceOf(figure));
      if (noise !== figure.noise || choice !== figure.choice) figure.sampled = new Set();
      if (noise !== figure.noise || schedule !== figure.ofSchedule) figure.ends = undefined;
      if (noise !== figure.noise) {
        figure.known = figure.call("begin", data, POINTS, SAMPLES, figure.seed);
        // Of other data or noise, nothing stays.
        figure.shown = undefined;
      }
      Object.assign(figure, { noise, choice, ofSchedule: schedule });
      figure.tape.restart();
    },

    changed: (figure) => figure.restart(),

    draw(figure) {
      const { tape, planes, names, controls } = figure;
      // The first picture is waited for. Later, what was drawn stays until the samplers are done, and what is told is of that.
      while (!figure.shown) tape.record(0);
      const { state, isThere } = tape.shown;
      if (isThere && !figure.ends && figure.isSeen) sampleFinest(figure);
      if (!figure.ends && figure.isSeen) figure.schedule();

      const { shown, ends } = figure;
      const taken = state ?? shown.steps;
      const isOver = taken === shown.steps;
      const hasLines = Boolean(ends) && isOver && shown.sides.some((side) => side.hasEnd);
      // What is as it was is not drawn again, as long as the samplers are under way.
      const drawn = [shown, taken, hasLines, planes[0].side, planes[0].colours];
      if (!figure.drawn?.every((part, number) => part === drawn[number])) {
        shown.sides.forEach(({ name, states, hasEnd: isOff }, side) => {
          const plane = planes[side];
          plane.begin();
          plane.keep(figure.noise, () => plane.cloud(figure.known, 1, 0.3, 2));
          if (taken) plane.tracks(states.slice(0, taken + 1), EVERY, 0);
          if (hasLines && isOff) plane.tracks([states[taken], ends], 1, 2, 2);
          plane.cloud(states[taken], 0, 1, 3);
          say(names[side], name);
        });
        figure.drawn = [shown, taken, hasLines, planes[0].side, planes[0].colours];
      }
      showKeys(figure, hasLines);

      const states = () => (taken ? `After ${taken} of ${shown.steps} steps, these are states on their way, with noise in them.` : `Noise, the same on both sides, before the first of ${shown.steps} steps.`);
      const told = isOver ? `In ${shown.steps} steps. ${tellEnds(shown, ends)}` : `${states()} At the end, coverage and distance tell of them.`;
      // The first errors complete what is there to be read, and are not read aloud by themselves.
      if (ends && !figure.hadEnds && figure.told === figure.lastTold) figure.lastTold = told;
      Object.assign(figure, { told, hadEnds: Boolean(ends) });
      const { data } = controls.chosen;
      return {
        told,
        isPassing: tape.isPlaying || !isThere || !ends,
        caption: `${SAMPLES} points of noise on their way to ${POINTS} data (${DATA[data][0].toLowerCase()}), with two samplers. The coverage is the fraction of the data that have a sample nearer than their fifth nearest neighbour among the data, the distance that of a sample from the nearest datum, on average. Off by so much are samples from the ends of the finest trajectory, through all ${TIMESTEPS} timesteps, on average.`,
        alt: `Two planes, each with ${SAMPLES} points in front of the data, and where they came along. ${told}`,
      };
    },
  };
})();
