// Part I: the same noise becomes data with two samplers, in as many steps as the reader
// likes.
"use strict";

(() => {
  const POINTS = 500;
  const SAMPLES = 200;
  const TIMESTEPS = 1000;
  const MOST_STEPS = 50;
  /** A trajectory ends at a mean of data, and so not beyond them. */
  const REACH = 1.1;
  /** So long, in milliseconds, the page may be kept from its reader: who moves a slider,
   * and who only waits. */
  const SLICE = { moved: 4, waited: 12 };
  const { element, Names, Plane, pairs } = window.liveParts;
  const { data: DATA, samplers: SAMPLERS } = Names;
  /** So many samplers draw new noise: the first ones. */
  const DRAWING = 2;
  const SIDES = ["left", "right"];
  const USUAL = { left: 2, right: 5 };

  const nameOf = (sampler) => SAMPLERS[sampler][0];
  const hasEnd = (sampler) => sampler >= DRAWING;

  /** Goes on with a sampler as long as there is time; says whether it is done. */
  const sample = (figure, sampler, steps, end = Infinity) => {
    const name = `${sampler} ${steps}`;
    while (!figure.sampled.has(name) && performance.now() < end) {
      if (figure.call("advance", sampler, steps)[0] === 0) figure.sampled.add(name);
    }
    return figure.sampled.has(name);
  };

  /** Goes on with the finest trajectory as long as there is time. */
  const sampleFinest = (figure) => {
    const end = performance.now() + SLICE.waited;
    while (!figure.ends && performance.now() < end) {
      const ends = figure.call("finest");
      if (ends.length) figure.ends = pairs(ends);
    }
  };

  /** Where the samples of a sampler have come to, and what there is to say of them. */
  const stateOf = (figure, sampler, steps) => {
    const [evaluations, distance, error, ...points] = figure.call("state", sampler, steps);
    return { name: nameOf(sampler), hasEnd: hasEnd(sampler), evaluations, distance, error, points: pairs(points) };
  };

  const tellEach = (sides, of) => sides.map((side) => `${side.name} evaluates the denoiser ${side.evaluations} times${of(side)}`).join("; ");

  /** Of two samplers without new noise. */
  const tellErrors = (sides, ends) => {
    const finest = `the trajectory through all ${TIMESTEPS} timesteps`;
    if (!ends) return `${tellEach(sides, () => "")}. How far off they end, you see when ${finest} is over.`;
    const off = ({ error }) => ` and ends ${error.toFixed(4)} off`;
    return `${tellEach(sides, off)}. That is the mean distance from the samples of ${finest}.`;
  };

  /** Of two samplers, one of which draws new noise, or both. */
  const tellDistances = (sides) => {
    const near = ({ distance }) => `, and a point is ${distance.toFixed(4)} from the nearest datum, on average`;
    const drawing = new Set(sides.filter((side) => !side.hasEnd).map((side) => side.name));
    const [name] = drawing;
    const has = drawing.size > 1 ? "neither has one" : `${name} has no one`;
    return `${tellEach(sides, near)}. With new noise, ${has} end to be compared with.`;
  };

  const choose = (data) => (figure) => {
    figure.data = data;
    figure.restart();
    figure.schedule();
  };

  /** A list of the samplers, for one side. */
  const list = (figure, side) => {
    const select = element("select", {}, ...SAMPLERS.map(([textContent], value) => element("option", { value, textContent })));
    select.value = figure.samplers[side];
    select.onchange = () => {
      figure.samplers[side] = Number(select.value);
      figure.schedule();
    };
    figure.controls.inputs.append(element("label", { className: "choice" }, element("span", { textContent: `on the ${side}` }), select));
    return select;
  };

  /** The sampler that the reader is asked about: one that has an end. */
  const askedFor = ({ samplers }) => SIDES.map((side) => samplers[side]).find(hasEnd);

  window.liveKinds["part-i"] = {
    module: "samplers",
    inputs: [{ name: "steps", text: "steps", min: 2, max: MOST_STEPS, step: 1, value: 10 }],
    buttons: DATA.map(([name], data) => [name, choose(data)]),

    guess: {
      min: 0.1,
      max: 1000,
      step: 0.1,
      within: 0.3,
      of: ({ steps }, figure) => [steps, askedFor(figure), figure.data, figure.seed],

      ask({ steps }, figure) {
        const sampler = askedFor(figure);
        if (sampler === undefined || 2 * steps > MOST_STEPS) return undefined;
        return `With twice as many steps, ${2 * steps}, how many times smaller will the error of ${nameOf(sampler)} be?`;
      },

      later: (figure) => (figure.ends ? undefined : "One moment: the finest trajectory, which the error is measured by, is on its way."),

      answer(figure, { steps }) {
        const sampler = askedFor(figure);
        const [now, then] = [steps, 2 * steps].map((steps) => {
          sample(figure, sampler, steps);
          return stateOf(figure, sampler, steps).error;
        });
        const value = now / then;
        return { value, because: `it is ${value.toFixed(2)} times smaller, ${then.toFixed(4)} after ${now.toFixed(4)}.` };
      },
    },

    command({ steps }, { samplers, data, seed }) {
      const flags = `--data ${DATA[data][1]} --points ${POINTS} --samples ${SAMPLES} --spacing karras --steps ${steps}`;
      const run = (side) => `cargo run -p part-i-samplers -- ${flags} --sampler ${SAMPLERS[samplers[side]][1]}${seed ? ` --seed ${seed}` : ""}`;
      return [...new Set(SIDES.map(run))].join("\n");
    },

    build(figure) {
      figure.data ??= 0;
      figure.samplers ??= { ...USUAL };
      figure.lists = SIDES.map((side) => list(figure, side));
      figure.planes = SIDES.map(() => new Plane(figure, REACH));
      figure.names = figure.planes.map(({ canvas }) => {
        const name = element("span", { className: "name", textContent: "\u00a0" });
        canvas.after(name);
        return name;
      });
      // The finest trajectory is for those who see the figure.
      const inView = new IntersectionObserver((entries) => {
        figure.isSeen = entries.at(-1).isIntersecting;
        if (figure.isSeen) figure.schedule();
      });
      inView.observe(figure);
    },

    begin(figure) {
      const noise = `${figure.data} ${figure.seed}`;
      if (noise === figure.noise) return;
      figure.known = pairs(figure.call("begin", figure.data, POINTS, SAMPLES, figure.seed));
      figure.noise = noise;
      figure.sampled = new Set();
      figure.ends = figure.shown = undefined;
    },

    reset(figure) {
      figure.data = 0;
      figure.samplers = { ...USUAL };
    },

    showChoice({ controls, data: chosen, lists, samplers }) {
      DATA.forEach(([name], data) => controls.press(name, data === chosen));
      SIDES.forEach((side, place) => (lists[place].value = samplers[side]));
    },

    draw(figure, { steps: wanted }) {
      const { planes, names, samplers } = figure;
      // What was drawn before the samplers are done stays, and what is told is of that.
      const asked = JSON.stringify([wanted, samplers]);
      const isWaiting = asked === figure.asked;
      figure.asked = asked;
      const end = figure.shown && performance.now() + SLICE.moved;
      const areDone = SIDES.map((side) => sample(figure, samplers[side], wanted, end)).every(Boolean);
      if (areDone) figure.shown = { steps: wanted, samplers: { ...samplers } };
      if (areDone && isWaiting && figure.isSeen) sampleFinest(figure);
      const isPassing = !areDone || !figure.ends;
      if (!areDone || (isPassing && figure.isSeen)) figure.schedule();

      const { shown, ends } = figure;
      const sides = SIDES.map((side) => stateOf(figure, shown.samplers[side], shown.steps));
      const haveEnds = sides.every((side) => side.hasEnd);
      sides.forEach((side, place) => {
        const plane = planes[place];
        plane.begin();
        plane.dots(figure.known, 1, 0.3);
        if (ends && side.hasEnd) plane.lines(side.points, ends, 2);
        plane.dots(side.points, 0, 1, 3);
        const off = !haveEnds ? `, ${side.distance.toFixed(4)} from the data` : ends ? `, off by ${side.error.toFixed(4)}` : "";
        names[place].textContent = `${side.name}: ${side.evaluations} evaluations${off}`;
      });
      const told = `In ${shown.steps} steps: ${haveEnds ? tellErrors(sides, ends) : tellDistances(sides)}`;
      // The first errors complete what is there to be read, and are not read aloud by
      // themselves.
      if (ends && !figure.hadEnds && figure.told === figure.lastTold) figure.lastTold = told;
      Object.assign(figure, { told, hadEnds: Boolean(ends) });
      const lines = ends && sides.some((side) => side.hasEnd) ? ` Lines lead to where the finest trajectory from the same noise ends${haveEnds ? "" : "; with new noise, there are none"}.` : "";
      const name = DATA[figure.data][0].toLowerCase();
      return {
        told,
        isPassing,
        caption: `${SAMPLES} points sampled from the same noise with ${sides[0].name} on the left and ${sides[1].name} on the right, each in ${shown.steps} steps with Karras' levels, and the ${POINTS} data (${name}) behind them.${lines}`,
        alt: `Two planes, each with ${SAMPLES} points in front of the data. ${told}`,
      };
    },

    toAddress(figure, state) {
      state.set("data", DATA[figure.data][1]);
      for (const side of SIDES) state.set(side, SAMPLERS[figure.samplers[side]][1]);
    },

    fromAddress(figure, asked) {
      const numberOf = (list, what, usual) => {
        const number = list.findIndex(([, name]) => name === asked.get(what));
        return number < 0 ? usual : number;
      };
      figure.data = numberOf(DATA, "data", 0);
      figure.samplers = Object.fromEntries(SIDES.map((side) => [side, numberOf(SAMPLERS, side, USUAL[side])]));
    },
  };
})();
