// Part J: the flow leads a noise along a curved path; the straight pairs that meet on it, and Euler's steps beside it.
"use strict";

(() => {
  const POINTS = 1000;
  const NOISES = 40;
  /** The steps of a path; and as long as its noise is dragged, when most paths are nowhere a pixel off. */
  const FINEST = 100;
  const COARSE = 25;
  /** So many pairs are drawn, at most, and none with so much less weight than the likeliest. */
  const PAIRS = 80;
  const LEAST = 1 / 100;
  /** How far the plane is shown, and a step of an arrow key in it. */
  const REACH = 2.1;
  const BY = 0.05;
  /** So long, in milliseconds, the page may be kept from its reader. */
  const SLICE = 6;
  /** The shifts that the reader is asked about. */
  const SHIFTS = [["1/3", 1 / 3], ["3", 3]];
  /** The noise that there is at first. */
  const USUAL = { seed: 0, place: [-1.4, -1] };
  const { Names, Plane, Tape, pairs } = window.liveParts;
  const DATA = Names.data;
  const KEYS = [["pairs", "text", "line"], [`paths of ${NOISES} other noises`, 0, "line"], ["data", 1, "dots"]];

  const isReflowed = ({ controls }) => controls.chosen.shown === 1;

  /** Puts the noise somewhere, as long as no new noise is drawn. */
  const put = (figure, place) => {
    figure.chosenNoise = { seed: figure.seed, place: figure.plane.within(place) };
    figure.schedule();
  };

  /** Where the reader has put the noise; of new noise, the first one. */
  const noiseOf = ({ chosenNoise, seed, plane, paths }) => {
    if (chosenNoise.seed === seed) return chosenNoise.place;
    return plane.within(paths[0][0].map((value) => Math.round(value * 100) / 100));
  };

  /** Follows the other noises, a few at a time. */
  const follow = (figure) => {
    const start = performance.now();
    while (figure.paths.length < NOISES) {
      const states = pairs(figure.call("follow"));
      for (let first = 0; first < states.length; first += FINEST + 1) figure.paths.push(states.slice(first, first + FINEST + 1));
      if (performance.now() - start > SLICE) break;
    }
  };

  /** The path from a noise, which the module keeps. */
  const pathFrom = (figure, noise, finest = FINEST) => {
    const of = [...noise, finest];
    if (`${figure.path?.of}` !== `${of}`) {
      const [ratio, ...states] = figure.call("path", ...of);
      figure.path = { of, noise, ratio, states: pairs(states) };
    }
    return figure.path;
  };

  /** Euler's steps from the same noise. */
  const stepsOf = (figure, steps, shift) => {
    const { path, paths } = figure;
    const of = [path.noise, steps, shift, paths.length].join();
    if (path.euler?.of !== of) {
      const [off, offOnAverage, ...states] = figure.call("euler", steps, shift);
      path.euler = { of, off, offOnAverage, states: pairs(states) };
    }
    return path.euler;
  };

  /** What meets in the state of the path at this time. */
  const meetingAt = (figure, t) => {
    const [x, y, velocityX, velocityY, sharing, ...rest] = figure.call("pairs", t, POINTS);
    // The likeliest comes first. Of the others, some stand for all.
    let likely = 0;
    while (rest[5 * likely] >= LEAST * rest[0]) likely += 1;
    const every = Math.ceil(likely / PAIRS);
    const drawn = Array.from({ length: Math.ceil(likely / every) }, (_, pair) => rest.slice(5 * pair * every, 5 * pair * every + 5));
    return { state: [x, y], velocity: [velocityX, velocityY], sharing, drawn, every };
  };

  const nameOf = ({ controls }) => DATA[controls.chosen.data][0].toLowerCase();

  const inSteps = (steps) => `in ${steps} ${steps === 1 ? "step" : "steps"}`;

  const named = (figure, place) => `(${place.map((value) => figure.rounded(value, 2)).join(", ")})`;

  const drawPairs = (plane, { state, velocity, drawn }, t) => {
    const [[most]] = drawn;
    for (const [weight, x, y, noiseX, noiseY] of drawn) {
      const share = Math.sqrt(weight / most);
      const ends = [[x, y], [noiseX, noiseY]];
      plane.trail(ends, 3, 1, 0.5 * share);
      plane.dots([ends[0]], 1, share, 5);
      plane.dots([ends[1]], 3, share, 4);
    }
    plane.arrow(state, velocity.map((value) => -t * value), 3, 3);
  };

  const drawSteps = (plane, states, opacity) => {
    plane.trail(states, 2, 2.5, opacity);
    plane.dots(states, 2, opacity, 7);
  };

  /** The data, and the paths or the pairs of the other noises. */
  const drawOthers = (figure) => {
    const { plane, known, paths } = figure;
    plane.cloud(known, 1, 0.35, plane.side / 200 + 0.6);
    for (const path of paths) plane.trail(...(isReflowed(figure) ? [[path[0], path.at(-1)], 3] : [path, 0]), 1, 0.25);
  };

  /** What is what: the noise that a reader takes hold of, the state, and both ends, on sides of their own. */
  const drawNames = (plane, { noise, state, t, end, euler }) => {
    plane.ring(state, 6, 3);
    plane.grip(noise, 3);
    const aside = end[0] < euler[0] ? -1 : 1;
    plane.label(end, "flow", 0, aside);
    plane.label(euler, "Euler", 2, -aside);
    plane.label(noise, "noise", 3, 0);
    if (t > 0.1 && t < 0.9) plane.label(state, `t = ${t}`, 3, 0);
  };

  /** Euler's method of the first flow, and how far off it ends, for all of the other noises, too, which takes its time. */
  const tellSteps = (figure, { off, offOnAverage }, { steps, shift }, at = "") => {
    const average = figure.paths.length < NOISES ? "…" : offOnAverage.toFixed(3);
    return `Euler's method ${inSteps(steps)} with a shift of ${shift} ends ${at}${off.toFixed(3)} off, and for the ${NOISES} other noises ${average}, on average.`;
  };

  /** The exact flow: its path, what meets on it, and Euler's steps. */
  const drawFlow = (figure, { noise, ratio, states }, euler, chosen) => {
    const { plane } = figure;
    const end = states.at(-1);
    const { t, steps } = chosen;
    const meeting = meetingAt(figure, t);
    drawPairs(plane, meeting, t);
    plane.trail(states, 0, 3.5);
    drawSteps(plane, euler.states, 1);
    drawNames(plane, { noise, state: meeting.state, t, end, euler: euler.states.at(-1) });
    const mean = steps === 1 ? ", the mean of the data, as from every noise" : "";
    const off = tellSteps(figure, euler, chosen, `at ${named(figure, euler.states.at(-1))}${mean}, `);
    const sharing = meeting.sharing === 1 ? "one pair has" : `${meeting.sharing} of the ${POINTS} pairs that meet have`;
    const { every } = meeting;
    return {
      told: `From ${named(figure, noise)}, the path leads to ${named(figure, end)} and is ${ratio.toFixed(3)} times as long as its chord. ${off} At t = ${t}, ${sharing} nine tenths of the weight.`,
      caption: `The path of a noise to the data (${nameOf(figure)}) along the exact flow. ${every === 1 ? "The likely pairs" : `Of the likely pairs, one in ${every} is drawn: they`} meet on it at t = ${t}, fainter with less weight. The arrow goes against the mean of all velocities for all of the time that is left: to the weighted mean of the data.`,
    };
  };

  /** The pairs of the exact flow: what the second one is learned from. */
  const drawReflowed = (figure, { noise, states }, euler, chosen) => {
    const { plane } = figure;
    const end = states.at(-1);
    const { t } = chosen;
    const state = noise.map((value, row) => t * value + (1 - t) * end[row]);
    plane.trail(states, 0, 2, 0.7);
    drawSteps(plane, euler.states, 0.5);
    plane.trail([noise, end], 3, 4, 0.5);
    plane.arrow(noise, end.map((value, row) => value - noise[row]), 2, 2);
    drawNames(plane, { noise, state, t, end, euler: euler.states.at(-1) });
    const step = `At t = 1 there is no other pair with this noise, so one Euler step of the second flow ends at ${named(figure, end)}, too.`;
    return {
      told: `The pair of ${named(figure, noise)} and ${named(figure, end)}, where the exact flow leads it. ${step} At t = ${t}, the pair is at ${named(figure, state)}. In the first flow, ${tellSteps(figure, euler, chosen)}`,
      caption: `Pairs of noises and where the exact flow leads them (${nameOf(figure)}): what the second flow is learned from. The arrow is one Euler step of the second flow, if that is learned without an error. Where lines cross on the way, its paths still bend. Thin, the first flow's path and Euler's steps along it; the ring is the pair at t = ${t}.`,
    };
  };

  window.liveKinds["part-j"] = {
    module: "flows",
    inputs: [
      { name: "t", text: "time t", min: 0.01, max: 1, step: 0.01, value: 0.5, isAxis: true, isReversed: true },
      { name: "steps", text: "steps", min: 1, max: 20, step: 1, value: 4, group: "Euler's method" },
      { name: "shift", text: "shift", min: 1 / 8, max: 8, step: 1, value: 1, powers: 0.25, group: "Euler's method" },
    ],
    choices: [
      { name: "data", text: "Data", options: DATA },
      { name: "shown", text: "Shown", options: [["The flow", "flow"], ["Reflow", "reflow"]] },
    ],

    guess: {
      choices: SHIFTS.map(([name]) => name),
      of: ({ steps }, { controls, chosenNoise, seed }) => [steps, controls.chosen.data, chosenNoise, seed],
      ask: ({ steps }) => steps > 1 && `With which shift does Euler's method ${inSteps(steps)} end nearer to where the path leads?`,

      answer(figure, { steps }) {
        pathFrom(figure, noiseOf(figure));
        const ends = SHIFTS.map(([name, shift]) => ({ name, ...stepsOf(figure, steps, shift) }));
        const [nearest, other] = ends.sort((one, two) => one.off - two.off);
        return { value: nearest.name, because: `it ends ${nearest.off.toFixed(3)} off with ${nearest.name}, and ${other.off.toFixed(3)} off with ${other.name}.` };
      },
    },

    command({ steps, shift }, { controls, seed }) {
      const flags = `--data ${DATA[controls.chosen.data][1]} --points ${POINTS} --samples ${NOISES} --steps ${steps} --shift ${shift}`;
      return `cargo run -p part-j-flow-matching -- ${flags}${seed ? ` --seed ${seed}` : ""}`;
    },

    build(figure) {
      figure.chosenNoise ??= USUAL;
      // Who has not moved it yet sees all of the path.
      const played = () => {
        if (!figure.isMoved) figure.controls.values.t = 1;
        figure.isMoved = true;
      };
      figure.tape = new Tape(figure, { input: "t", button: "Play", played });
      // There is nothing to be recorded: a state at any time is as soon there.
      figure.tape.restart(...Array(figure.tape.last + 1).fill("there"));
      figure.plane = new Plane(figure, REACH);
      figure.plane.handle({
        name: "the noise whose path is shown",
        at: () => figure.path && noiseOf(figure),
        put: (place) => put(figure, place),
        parts: 100,
        by: BY,
      });
      figure.plane.keys(KEYS);
    },

    begin(figure) {
      const { data } = figure.controls.chosen;
      const drawn = `${data} ${figure.seed}`;
      if (drawn === figure.drawn) return;
      figure.known = figure.call("begin", data, POINTS, NOISES, figure.seed);
      figure.drawn = drawn;
      figure.paths = [];
      figure.path = undefined;
      // The reader's own noise waits for no other.
      if (figure.chosenNoise.seed !== figure.seed) follow(figure);
    },

    scrubbed(figure) {
      figure.isMoved = true;
    },

    changed(figure, name) {
      if (name === "data") figure.restart();
    },

    reset(figure) {
      figure.chosenNoise = USUAL;
      figure.isMoved = false;
    },

    draw(figure, { steps, shift }) {
      const { plane, tape } = figure;
      if (figure.hasAttribute("alive")) follow(figure);
      if (figure.paths.length < NOISES) figure.schedule();
      const path = pathFrom(figure, noiseOf(figure), plane.isDragged ? COARSE : FINEST);
      const { value: t } = tape.shown;
      plane.begin();
      plane.keep([figure.drawn, figure.paths.length, isReflowed(figure)], () => drawOthers(figure));
      const drawn = (isReflowed(figure) ? drawReflowed : drawFlow)(figure, path, stepsOf(figure, steps, shift), { t, steps, shift });
      // What is told has all its digits from the finest path.
      const told = plane.isDragged ? `The noise is at ${named(figure, path.noise)}.` : drawn.told;
      const alt = `The plane with ${POINTS} data, and a ${isReflowed(figure) ? "straight line" : "curved path"} from a noise to them. ${told}`;
      return { ...drawn, told, alt, isPassing: tape.isPlaying || plane.isDragged };
    },

    toAddress({ chosenNoise, seed }, state) {
      if (chosenNoise.seed === seed) chosenNoise.place.forEach((value, row) => state.set("xy"[row], value));
    },

    fromAddress(figure, asked) {
      const place = [..."xy"].map((row) => Number(asked.get(row) ?? NaN));
      figure.chosenNoise = place.every((value) => Math.abs(value) <= REACH - 0.1) ? { seed: figure.seed, place } : USUAL;
    },
  };
})();
