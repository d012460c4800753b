// Part N: one of two moons with guidance, beside the density that guidance is said to sample.
"use strict";

(() => {
  const SAMPLES = 300;
  const STEPS = 50;
  /** Places in a row at which the density is known. */
  const PLACES = 64;
  const REACH = 1.5;
  /** Every so many-th point leaves a trail. */
  const EVERY = 3;
  const SIGMAS = [0, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50, 100];
  const NO_END = SIGMAS.at(-1);
  /** Where the upper moon ends within the lower one. */
  const END = [0.31, -0.155];
  const { element, say, Plane, Tape } = window.liveParts;
  const NAMES = ["points, with guidance", "the tilted density"];

  /** A state of all points, as the module tells of it. */
  const stateOf = ([a, sigma, fraction, ...points]) => ({ a, sigma, fraction, points });

  /** The next state; when all are there, they are what is shown. */
  const next = (figure) => {
    figure.made.push(stateOf(figure.call("step")));
    if (figure.made.length <= STEPS) return undefined;
    figure.shown = { ...figure.asked, states: figure.made };
    figure.tape.states.push(...Array(STEPS).keys());
    return STEPS;
  };

  /** Guidance in an interval, from a button. */
  const guide = (least, most) => (figure) => {
    figure.controls.set("least", least);
    figure.controls.set("most", most);
  };

  const percent = (fraction) => `${(100 * fraction).toFixed(1)}\u00a0%`;

  const tellInterval = ({ scale, least, most }) => {
    if (scale === 1) return "Without guidance";
    const where = least > most ? "nowhere" : least === 0 && most === NO_END ? "everywhere" : most === NO_END ? `where sigma is at least ${least}` : `where sigma is from ${least} to ${most}`;
    return `With a guidance scale of ${scale} ${where}`;
  };

  /** How dense it is at each place, as a picture of one colour, which is drawn as large as the plane. */
  const drawDensity = (figure, density) => {
    const { context, side, colours } = figure.planes[1];
    figure.picture ??= element("canvas", { width: PLACES, height: PLACES }).getContext("2d");
    const { picture } = figure;
    const image = new ImageData(PLACES, PLACES);
    density.forEach((dense, place) => {
      // The rows begin at the bottom.
      const row = PLACES - 1 - Math.floor(place / PLACES);
      image.data[4 * (PLACES * row + (place % PLACES)) + 3] = 255 * Math.sqrt(dense);
    });
    picture.globalCompositeOperation = "source-over";
    picture.putImageData(image, 0, 0);
    picture.globalCompositeOperation = "source-in";
    picture.fillStyle = colours[2];
    picture.fillRect(0, 0, PLACES, PLACES);
    // The places at the edge are on the edge, and a pixel has its place in its middle.
    const reach = (figure.planes[1].at([REACH, 0])[0] - side / 2) * (PLACES / (PLACES - 1));
    context.drawImage(picture.canvas, side / 2 - reach, side / 2 - reach, 2 * reach, 2 * reach);
  };

  window.liveKinds["part-n-guidance"] = {
    module: "to-order",
    inputs: [
      { name: "taken", text: "steps taken", min: 0, max: STEPS, step: 1, value: STEPS, isAxis: true },
      { name: "scale", text: "guidance scale", min: 0, max: 10, step: 0.5, value: 4, group: "Guidance" },
      { name: "least", text: "from a sigma of", list: SIGMAS.slice(0, -1), value: 0, group: "Guidance" },
      { name: "most", text: "to a sigma of (100: no end)", list: SIGMAS.slice(1), value: NO_END, group: "Guidance" },
    ],
    buttons: [
      ["Everywhere", guide(0, NO_END), { group: "Interval" }],
      ["Above 2", guide(2, NO_END), { group: "Interval" }],
      ["From 0.3 to 2", guide(0.3, 2), { group: "Interval" }],
      ["Below 0.3", guide(0, 0.3), { group: "Interval" }],
    ],

    build(figure) {
      figure.tape = new Tape(figure, { input: "taken", button: "Play", next: () => next(figure) });
      figure.planes = NAMES.map((textContent) => {
        const plane = new Plane(figure, REACH);
        plane.canvas.before(element("span", { className: "name", textContent }));
        return plane;
      });
      figure.planes[0].keys([["both moons", 1, "dots"], ["points, and how they came there", 0, "dots"], ["density", 2, "area"]]);
    },

    begin(figure) {
      const { scale, least, most } = figure.controls.values;
      figure.known ??= figure.call("data");
      figure.asked = { scale, least, most };
      figure.made = [stateOf(figure.call("begin", scale, least, most, SAMPLES, STEPS, figure.seed))];
      figure.tape.restart();
    },

    changed: (figure) => figure.restart(),

    draw(figure) {
      const { tape, planes: [left, right], known } = figure;
      // The first picture is waited for. Later, what was drawn stays until the points are there, and what is told is of that.
      while (!figure.shown) tape.record(0);
      const { state: taken = STEPS, isThere } = tape.shown;
      const { states, scale } = figure.shown;
      const { a, sigma, fraction, points } = states[taken];
      const [said, ...density] = figure.call("density", taken, PLACES, scale);
      const end = END.map((value) => a * value);

      left.begin();
      left.cloud(known, 1, 0.35, 2, a);
      if (taken) left.tracks(states.slice(0, taken + 1).map((state) => state.points), EVERY, 0);
      left.cloud(points, 0, 1, 3);
      left.ring(end, 0.12 * a * (left.side / (2 * REACH)) + 4, 3);
      // On the way, points lie beyond the ring that are counted with it, as they are in the same direction.
      if (taken === STEPS) left.label(end, percent(fraction), 3);
      right.begin();
      drawDensity(figure, density);
      right.cloud(known, 1, 0.35, 2, a);
      right.ring(end, 0.12 * a * (right.side / (2 * REACH)) + 4, 3);
      if (taken === STEPS) right.label(end, percent(said), 3);

      const where = taken === STEPS ? `in ${STEPS} steps` : `after ${taken} of ${STEPS} steps, at a sigma of ${sigma < 10 ? sigma.toFixed(2) : sigma.toFixed(0)}`;
      const told = `${tellInterval(figure.shown)}, ${where}: ${percent(fraction)} of the points are ${taken === STEPS ? "in" : "in the direction of"} the tenth of the upper moon that reaches into the other. Of what guidance is said to sample, it is ${percent(said)}.`;
      return {
        told,
        isPassing: tape.isPlaying || !isThere,
        caption: `${SAMPLES} points of noise that are to become the upper of two moons, in ${STEPS} steps of DDIM with exact denoisers; and the tilted density of the same noise level. In the ring is the tenth of the moon that reaches into the other.`,
        alt: `Two planes with two moons: on the left ${SAMPLES} points and where they came along, on the right a density. ${told}`,
      };
    },
  };
})();
