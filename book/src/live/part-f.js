// Part F: points of noise become data, step by step; and what the exact denoiser predicts
// at any place in the plane.
"use strict";

(() => {
  const SIDE = 96;
  const POINTS = 1200;
  const STEPS = 100;
  /** Arrows in a row, and how long one is at most: so that none reaches the next. */
  const PLACES = 9;
  const LONGEST = 0.22;
  /** Of one in so many points it is seen where it came along, in so many steps. */
  const EVERY = 24;
  const PASSED = 6;
  /** The reader is asked about the state so many steps later. */
  const LATER = 10;
  const { say, Names, Plane, Tape } = window.liveParts;
  const MANDRILL = "Mandrill";
  const DATA = [[MANDRILL, "mandrill-points"], ...Names.data];
  const KEYS = [["points, and where some came along", 0, "dots"], ["data", 1, "dots"], ["where the denoiser pulls", 2, "line"]];

  const hasArrows = ({ controls }) => controls.chosen.arrows === 0;

  /** The picture of the page may be the reader's own. */
  const nameOf = (data) => (window.liveParts.picture && data === 0 ? "Your picture" : DATA[data][0]);

  /** The state after so many steps back. */
  const stateAt = (figure, back) => {
    const [alphaBar, distance, ...points] = figure.call("state", back);
    return { alphaBar, distance, points };
  };

  /** The denoiser's pull after so many steps back, as arrows. */
  const pullAt = (figure, back) => {
    const field = figure.call("field", back, PLACES);
    return Array.from({ length: PLACES * PLACES }, (_, arrow) => {
      const [x, y, dx, dy] = field.slice(4 * arrow, 4 * arrow + 4);
      const length = Math.min(1, LONGEST / Math.hypot(dx, dy));
      return [[x, y], [length * dx, length * dy]];
    });
  };

  /** All but the prediction. As long as steps are missing up to the reader's place, they are made in the time that the rest takes. */
  const drawState = (figure, back, factor, isThere) => {
    const { plane, tape, known } = figure;
    const { points } = tape.states[back];
    const size = plane.side / 180 + 0.8;
    plane.cloud(known, 1, 0.35, size, factor);
    const passed = tape.states.slice(Math.max(0, back - PASSED), back + 1).map((state) => state.points);
    plane.tracks(passed, EVERY, 0);
    plane.cloud(points, 0, 0.85, size);
    if (hasArrows(figure) && back < STEPS && isThere) plane.arrows((tape.states[back].pull ??= pullAt(figure, back)), 2, 1.5, 0.8);
  };

  /** The prediction of x0 at the place that the reader has chosen, drawn and told. */
  const drawPrediction = (figure, back, place, factor) => {
    const { plane, known } = figure;
    const [x, y, sharing, ...weights] = figure.call("posterior_mean", back, ...place);
    const most = Math.max(...weights);
    const opacities = weights.map((weight) => (weight < most / 100 ? 0 : Math.sqrt(weight / most)));
    plane.cloud(known, 1, opacities, plane.side / 180 + 1.5, factor);
    const end = [factor * x, factor * y];
    plane.arrow(place, [end[0] - place[0], end[1] - place[1]], 3, 2.5);
    plane.grip(place, 3);
    plane.label(end, "prediction of x0, scaled", 3, end[0] < place[0] ? -1 : 1);
    const [across, up] = [x, y].map((value) => figure.rounded(value, 2));
    const data = sharing === 1 ? "One datum has" : `${sharing} of the ${POINTS} data have`;
    return ` At (${place.join(", ")}), the prediction of x0 is (${across}, ${up}). ${data} nine tenths of the weight.`;
  };

  window.liveKinds["part-f"] = {
    module: "way-back",
    side: SIDE,
    inputs: [
      { name: "back", text: "steps back", min: 0, max: STEPS, step: 1, value: 0, isAxis: true },
      { name: "x", text: "across", min: -1.5, max: 1.5, step: 0.05, value: 0.9, isSlim: true, group: "Place of the prediction" },
      { name: "y", text: "up", min: -1.5, max: 1.5, step: 0.05, value: 0.6, isSlim: true, group: "Place of the prediction" },
    ],
    choices: [
      { name: "data", text: "Data", options: DATA },
      { name: "arrows", text: "Arrows of the pull", options: [["Shown", "1"], ["Hidden", "0"]] },
    ],

    guess: {
      min: 1,
      max: POINTS,
      step: 1,
      isWhole: true,
      within: 0.3,
      of: ({ back, x, y }, { controls }) => [back, x, y, controls.chosen.data],
      ask: ({ back, x, y }) => back + LATER < STEPS && `Ten steps later, how many of the ${POINTS} data will make up nine tenths of the weight at (${x}, ${y})?`,

      answer(figure, { back, x, y }) {
        const [now, value] = [back, back + LATER].map((back) => figure.call("posterior_mean", back, x, y)[2]);
        return { value, because: `it is ${value} at t = ${STEPS - 1 - back - LATER}. At t = ${STEPS - 1 - back} it is ${now}.` };
      },
    },

    command(_, figure) {
      const { data } = figure.controls.chosen;
      const seed = figure.seed ? ` --seed ${figure.seed}` : "";
      const flags = `--data ${DATA[data][1]} --points ${POINTS} --steps ${STEPS}`;
      return data ? `cargo run -p part-f-the-way-back -- ${flags}${seed}` : figure.run("part-f-the-way-back", flags);
    },

    build(figure) {
      const { controls } = figure;
      const next = () => {
        figure.call("step");
        return stateAt(figure, figure.tape.states.length);
      };
      figure.tape = new Tape(figure, { input: "back", button: "Play", next });
      figure.plane = new Plane(figure);
      figure.plane.handle({
        name: "the place whose prediction is shown",
        at: () => [controls.values.x, controls.values.y],
        put([x, y]) {
          Object.assign(controls.values, { x, y });
          figure.schedule();
        },
        parts: 20,
        by: 0.05,
      });
      figure.plane.keys(KEYS);
    },

    begin(figure) {
      figure.begun = (figure.begun ?? 0) + 1;
      figure.known = figure.call("begin", figure.controls.chosen.data, SIDE, POINTS, STEPS, figure.seed);
      figure.tape.restart(stateAt(figure, 0));
    },

    changed(figure, name) {
      if (name === "data") figure.restart();
    },

    /** Who chooses a picture wants to see it. */
    showPicture({ controls }, picture) {
      if (picture) controls.chosen.data = 0;
    },

    showChoice: ({ controls }) => say(controls.named[MANDRILL], nameOf(0)),

    draw(figure, { x, y }) {
      const { plane, tape, controls } = figure;
      const { place: back, state, isThere } = tape.shown;
      const { alphaBar, distance } = state;
      const factor = Math.sqrt(alphaBar);
      plane.begin();
      plane.keep([figure.begun, back, hasArrows(figure), isThere], () => drawState(figure, back, factor, isThere));
      const isLast = back === STEPS;
      const predicted = isLast || !isThere ? "" : drawPrediction(figure, back, [x, y], factor);
      const level = `alpha_bar is ${alphaBar.toPrecision(3)}, and the noise has a standard deviation of ${Math.sqrt(1 - alphaBar).toFixed(3)}`;
      const off = `On average, a point is ${distance.toFixed(3)} from the nearest datum.`;
      const where = back === 0 ? `Noise, t = ${STEPS - 1}` : `t = ${STEPS - 1 - back}`;
      const told = isLast ? `Samples: ${off} No step is left.` : `${where}: ${level}. ${off}${predicted}`;
      const arrows = hasArrows(figure) && !isLast ? " Arrows are cut off where they are long." : "";
      const name = nameOf(controls.chosen.data).toLowerCase();
      return {
        told,
        isPassing: tape.isPlaying || !isThere,
        caption: `${POINTS} points after ${back} of ${STEPS} steps back, with the data (${name}) behind them, scaled as the forward process has scaled them.${arrows}`,
        alt: `${POINTS} points in the plane. ${told}`,
      };
    },
  };
})();
