// Part J: the flow leads a noise along a curved path; the straight pairs that meet on it, and Euler's steps beside it.
"use strict";

(() => {
  const POINTS = 1000;
  const NOISES = 40;
  /** What a path has: the noise, and the state after each of 100 steps. */
  const STATES = 101;
  /** So many pairs are drawn, at most, and none with so much less weight than the likeliest. */
  const PAIRS = 80;
  const LEAST = 1 / 100;
  /** How far the plane is shown, and a step of an arrow key in it. */
  const REACH = 2.1;
  const BY = 0.05;
  /** So near to the noise, in pixels, a finger takes hold of it. Further away, it scrolls the page. */
  const HOLD = 36;
  /** So long, in milliseconds, the page may be kept from its reader. */
  const SLICE = 6;
  /** The shifts that the reader is asked about. */
  const SHIFTS = [["1/3", 1 / 3], ["3", 3]];
  /** The noise that there is at first. */
  const USUAL = { seed: 0, place: [-1.4, -1] };
  const { element, Names, Plane, pairs } = window.liveParts;
  const DATA = Names.data;
  const LEGEND = [["path of the flow", "line colour-0"], ["Euler's steps", "line colour-2"], ["pairs", "line"], ["data", "dots colour-1"]];

  const choose = (data) => (figure) => {
    figure.data = data;
    figure.restart();
    figure.schedule();
  };

  const reflow = (figure) => {
    figure.isReflowed = !figure.isReflowed;
    figure.schedule();
  };

  /** Puts the noise somewhere, as long as no new noise is drawn. */
  const put = (figure, place) => {
    figure.put = { seed: figure.seed, place: figure.plane.within(place) };
    figure.schedule();
  };

  /** Where the reader has put the noise; of new noise, the first one. */
  const noiseOf = ({ put, seed, plane, paths }) => {
    if (put.seed === seed) return put.place;
    return plane.within(paths[0][0].map((value) => Math.round(value * 100) / 100));
  };

  /** Follows the other noises, a few at a time. */
  const follow = (figure) => {
    const start = performance.now();
    while (figure.paths.length < NOISES) {
      const states = pairs(figure.call("follow"));
      for (let first = 0; first < states.length; first += STATES) figure.paths.push(states.slice(first, first + STATES));
      if (performance.now() - start > SLICE) break;
    }
  };

  /** The path from a noise, which the module keeps. */
  const pathFrom = (figure, noise) => {
    if (`${figure.path?.noise}` !== `${noise}`) {
      const [ratio, ...states] = figure.call("path", ...noise);
      figure.path = { noise, ratio, states: pairs(states) };
    }
    return figure.path;
  };

  /** Euler's steps from the same noise. */
  const stepsOf = (figure, steps, shift) => {
    const [off, offOnAverage, ...states] = figure.call("euler", steps, shift);
    return { off, offOnAverage, states: pairs(states) };
  };

  /** What meets in the state of the path at this time. */
  const meetingAt = (figure, t) => {
    const [x, y, velocityX, velocityY, sharing, ...rest] = figure.call("pairs", t, POINTS);
    const all = Array.from({ length: rest.length / 5 }, (_, pair) => rest.slice(5 * pair, 5 * pair + 5));
    // The likeliest comes first. Of the others, some stand for all.
    const [[most]] = all;
    const likely = all.filter(([weight]) => weight >= LEAST * most);
    const every = Math.ceil(likely.length / PAIRS);
    const drawn = likely.filter((_, pair) => pair % every === 0);
    return { state: [x, y], velocity: [velocityX, velocityY], sharing, drawn, every };
  };

  const inSteps = (steps) => `in ${steps} ${steps === 1 ? "step" : "steps"}`;

  const named = (figure, place) => `(${place.map((value) => figure.rounded(value, 2)).join(", ")})`;

  const drawPairs = (plane, { state, velocity, drawn }, t) => {
    const [[most]] = drawn;
    for (const [weight, x, y, noiseX, noiseY] of drawn) {
      const share = Math.sqrt(weight / most);
      const ends = [[x, y], [noiseX, noiseY]];
      plane.trail(ends, 3, 1, 0.5 * share);
      plane.dots([ends[0]], 1, share, 4);
      plane.dots([ends[1]], 3, share, 3);
    }
    plane.arrow(state, velocity.map((value) => -t * value), 3, 3);
  };

  const drawSteps = (plane, states, opacity) => {
    plane.trail(states, 2, 2, opacity);
    plane.dots(states, 2, opacity, 6);
  };

  /** The handle that a reader takes hold of. */
  const drawNoise = (plane, noise) => {
    plane.ring(noise, 11, 3);
    plane.dots([noise], 3, 1, 8);
  };

  /** How far a pointer or a finger is from the noise, in pixels. */
  const isNear = ({ clientX, clientY }, { plane, path }) => {
    const { left, top } = plane.canvas.getBoundingClientRect();
    const [x, y] = plane.at(path.noise);
    return Math.hypot(clientX - left - x, clientY - top - y) < HOLD;
  };

  /** A pointer drags the noise, and so does a finger that takes hold of it; arrow keys move it. */
  const listen = (figure) => {
    const { canvas } = figure.plane;
    const putUnder = (event) => put(figure, figure.plane.placeOf(event, 100));
    let isHeld = false;
    canvas.onpointerdown = (event) => {
      if (event.button || !figure.path || (event.pointerType === "touch" && !isNear(event, figure))) return;
      isHeld = true;
      canvas.setPointerCapture(event.pointerId);
      putUnder(event);
    };
    canvas.onpointermove = (event) => isHeld && putUnder(event);
    canvas.onpointerup = canvas.onpointercancel = () => (isHeld = false);
    // A finger that taps elsewhere puts it there.
    canvas.onclick = putUnder;
    canvas.addEventListener("touchstart", (event) => {
      if (event.touches.length === 1 && figure.path && isNear(event.touches[0], figure)) event.preventDefault();
    }, { passive: false });
    canvas.onkeydown = (event) => {
      const by = { ArrowLeft: [-BY, 0], ArrowRight: [BY, 0], ArrowUp: [0, BY], ArrowDown: [0, -BY] }[event.key];
      if (!by || !figure.path) return;
      event.preventDefault();
      put(figure, noiseOf(figure).map((value, row) => Math.round(100 * (value + by[row])) / 100));
    };
  };

  /** Euler's method of the first flow, in words. */
  const tellSteps = ({ steps, shift }) => `Euler's method ${inSteps(steps)} with a shift of ${shift}`;

  /** How far off it ends for all of the other noises, which takes its time. */
  const tellAverage = (figure, { offOnAverage }) => `${figure.paths.length < NOISES ? "…" : offOnAverage.toFixed(3)} off, on average over the ${NOISES} others`;

  /** The exact flow: its path, what meets on it, and Euler's steps. */
  const drawFlow = (figure, { noise, ratio, states }, euler, chosen) => {
    const { plane, paths, data } = figure;
    const end = states.at(-1);
    const meeting = meetingAt(figure, chosen.t);
    for (const other of paths) plane.trail(other, 0, 1, 0.25);
    drawPairs(plane, meeting, chosen.t);
    plane.trail(states, 0, 3);
    drawSteps(plane, euler.states, 1);
    drawNoise(plane, noise);
    const mean = chosen.steps === 1 ? ", the mean of the data, as from every noise" : "";
    const off = `${tellSteps(chosen)} ends at ${named(figure, euler.states.at(-1))}${mean}, ${euler.off.toFixed(3)} from there.`;
    const sharing = meeting.sharing === 1 ? "one pair has" : `${meeting.sharing} of the ${POINTS} pairs that meet have`;
    const told = `From ${named(figure, noise)}, the path leads to ${named(figure, end)} and is ${ratio.toFixed(3)} times as long as its chord. ${off} At t = ${chosen.t}, ${sharing} nine tenths of the weight.`;
    const { every } = meeting;
    const which = every === 1 ? "The likely pairs meet" : `Of the likely pairs, one in ${every} is drawn: they meet`;
    const arrow = "The arrow goes against the mean of all velocities for all of the time that is left: to the weighted mean of the data.";
    return {
      told,
      caption: `The path of a noise to the data (${DATA[data][0].toLowerCase()}) along the exact flow, and behind it those of ${NOISES} others. ${which} on it at t = ${chosen.t}, fainter with less weight. ${arrow} ${tellSteps(chosen)} ends ${tellAverage(figure, euler)}.`,
      alt: `The plane with ${POINTS} data, and a curved path from a noise to them. ${told}`,
    };
  };

  /** The pairs of the exact flow: what the second one is learned from. */
  const drawReflowed = (figure, { noise, states }, euler, chosen) => {
    const { plane, paths, data } = figure;
    const end = states.at(-1);
    const state = noise.map((value, row) => chosen.t * value + (1 - chosen.t) * end[row]);
    for (const other of paths) plane.trail([other[0], other.at(-1)], 3, 1, 0.25);
    plane.trail(states, 0, 1.5, 0.7);
    drawSteps(plane, euler.states, 0.5);
    plane.trail([noise, end], 3, 4, 0.5);
    plane.arrow(noise, end.map((value, row) => value - noise[row]), 2, 2);
    plane.ring(state, 6, 3);
    drawNoise(plane, noise);
    const step = `At t = 1 there is no other pair with this noise, so one Euler step of the second flow ends at ${named(figure, end)}, too.`;
    const told = `The pair of ${named(figure, noise)} and ${named(figure, end)}, where the exact flow leads it. ${step} At t = ${chosen.t}, the pair is at ${named(figure, state)}. In the first flow, ${tellSteps(chosen)} ends ${euler.off.toFixed(3)} off.`;
    const second = "The arrow is one Euler step of the second flow, if that is learned without an error. Where lines cross on the way, its paths still bend.";
    return {
      told,
      caption: `Pairs of noises and where the exact flow leads them (${DATA[data][0].toLowerCase()}): what the second flow is learned from. ${second} Thin, the first flow's path, with ${tellSteps(chosen)}, which ends ${tellAverage(figure, euler)}; the ring is the pair at t = ${chosen.t}.`,
      alt: `The plane with ${POINTS} data, and a straight line from a noise to them. ${told}`,
    };
  };

  window.liveKinds["part-j"] = {
    module: "flows",
    inputs: [
      { name: "t", text: "time t", min: 0.01, max: 1, step: 0.01, value: 0.5 },
      { name: "steps", text: "steps", min: 1, max: 20, step: 1, value: 4 },
      { name: "shift", text: "shift", min: 1 / 8, max: 8, step: 1, value: 1, powers: 0.25 },
    ],
    buttons: [["Reflow", reflow], ...DATA.map(([name], data) => [name, choose(data)])],

    guess: {
      choices: SHIFTS.map(([name]) => name),
      of: ({ steps }, figure) => [steps, figure.data, figure.put, figure.seed],
      ask: ({ steps }) => steps > 1 && `With which shift does Euler's method ${inSteps(steps)} end nearer to where the path leads?`,

      answer(figure, { steps }) {
        pathFrom(figure, noiseOf(figure));
        const ends = SHIFTS.map(([name, shift]) => ({ name, ...stepsOf(figure, steps, shift) }));
        const [nearest, other] = ends.sort((one, two) => one.off - two.off);
        return { value: nearest.name, because: `it ends ${nearest.off.toFixed(3)} off with ${nearest.name}, and ${other.off.toFixed(3)} off with ${other.name}.` };
      },
    },

    command({ steps, shift }, { data, seed }) {
      const flags = `--data ${DATA[data ?? 0][1]} --points ${POINTS} --samples ${NOISES} --steps ${steps} --shift ${shift}`;
      return `cargo run -p part-j-flow-matching -- ${flags}${seed ? ` --seed ${seed}` : ""}`;
    },

    build(figure) {
      figure.data ??= 0;
      figure.put ??= USUAL;
      figure.isReflowed ??= false;
      figure.plane = new Plane(figure, REACH);
      const { canvas } = figure.plane;
      canvas.tabIndex = 0;
      canvas.setAttribute("aria-label", "The plane: arrow keys move the noise whose path is shown.");
      canvas.setAttribute("role", "application");
      listen(figure);
      const legend = LEGEND.map(([name, looks]) => element("span", {}, element("i", { className: `swatch ${looks}` }), name));
      figure.plots.append(element("p", { className: "legend" }, ...legend));
    },

    begin(figure) {
      const drawn = `${figure.data} ${figure.seed}`;
      if (drawn === figure.drawn) return;
      figure.known = pairs(figure.call("begin", figure.data, POINTS, NOISES, figure.seed));
      figure.drawn = drawn;
      figure.paths = [];
      figure.path = undefined;
      follow(figure);
    },

    reset(figure) {
      figure.data = 0;
      figure.put = USUAL;
      figure.isReflowed = false;
    },

    showChoice({ controls, data: chosen, isReflowed }) {
      DATA.forEach(([name], data) => controls.press(name, data === chosen));
      controls.press("Reflow", isReflowed);
    },

    draw(figure, { t, steps, shift }) {
      const { plane, isReflowed } = figure;
      follow(figure);
      if (figure.paths.length < NOISES) figure.schedule();
      const path = pathFrom(figure, noiseOf(figure));
      plane.begin();
      plane.dots(figure.known, 1, 0.4);
      return (isReflowed ? drawReflowed : drawFlow)(figure, path, stepsOf(figure, steps, shift), { t, steps, shift });
    },

    toAddress({ data, put, seed, isReflowed }, state) {
      state.set("data", DATA[data][1]);
      if (put.seed === seed) put.place.forEach((value, row) => state.set("xy"[row], value));
      if (isReflowed) state.set("reflow", "1");
    },

    fromAddress(figure, asked) {
      const place = [..."xy"].map((row) => Number(asked.get(row) ?? NaN));
      figure.data = Math.max(DATA.findIndex(([, name]) => name === asked.get("data")), 0);
      figure.put = place.every((value) => Math.abs(value) <= REACH - 0.1) ? { seed: figure.seed, place } : USUAL;
      figure.isReflowed = asked.get("reflow") === "1";
    },
  };
})();
