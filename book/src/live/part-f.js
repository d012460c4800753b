// Part F: points of noise become data, step by step; and what the exact denoiser predicts
// at any place in the plane.
"use strict";

(() => {
  const SIDE = 96;
  const POINTS = 1200;
  const STEPS = 100;
  /** Arrows in a row, and how long one is at most: so that none reaches the next. */
  const PLACES = 15;
  const LONGEST = 0.17;
  /** How long a step stands when it is played, and how long the page may be kept from its
   * reader, in milliseconds. */
  const BEAT = 60;
  /** The reader is asked about the state so many steps later. */
  const LATER = 10;
  const SLICE = 6;
  const { Names, Plane, Player, pairs } = window.liveParts;
  const DATA = [["Mandrill", "mandrill-points"], ...Names.data];

  const choose = (figure, data) => {
    figure.data = data;
    figure.restart();
    figure.schedule();
  };

  /** The picture of the page may be the reader's own. */
  const nameOf = (data) => (window.liveParts.picture && data === 0 ? "Your picture" : DATA[data][0]);

  const toggleArrows = (figure) => {
    figure.hasArrows = !figure.hasArrows;
    figure.schedule();
  };

  /** Takes the steps that are missing, as many as fit into a slice of time; says how far
   * it has come. */
  const stepTo = (figure, back) => {
    const start = performance.now();
    while (figure.taken < back) {
      figure.call("step");
      figure.taken += 1;
      if (performance.now() - start > SLICE) break;
    }
    return Math.min(back, figure.taken);
  };

  /** The prediction of x0 at the place that the reader has chosen, drawn and told. */
  const drawPrediction = (figure, back, place, factor) => {
    const { plane } = figure;
    const [x, y, sharing, ...weights] = figure.call("posterior_mean", back, ...place);
    const most = Math.max(...weights);
    weights.forEach((weight, datum) => {
      if (weight < most / 100) return;
      plane.dots([figure.known[datum].map((value) => factor * value)], 1, Math.sqrt(weight / most), 4);
    });
    const end = [factor * x, factor * y];
    plane.arrow(place, [end[0] - place[0], end[1] - place[1]], 3, 2);
    plane.ring(place, 6, 3);
    const [across, up] = [x, y].map((value) => figure.rounded(value, 2));
    const data = sharing === 1 ? "One datum has" : `${sharing} of the ${POINTS} data have`;
    return ` At (${place.join(", ")}), the prediction of x0 is (${across}, ${up}). ${data} nine tenths of the weight.`;
  };

  window.liveKinds["part-f"] = {
    module: "way-back",
    side: SIDE,
    inputs: [
      { name: "back", text: "steps back", min: 0, max: STEPS, step: 1, value: 0 },
      { name: "x", text: "place, across", min: -1.5, max: 1.5, step: 0.05, value: 0.9, isSlim: true },
      { name: "y", text: "place, up", min: -1.5, max: 1.5, step: 0.05, value: 0.6, isSlim: true },
    ],
    buttons: [
      ["Play", ({ player }) => player.playOrHold()],
      ...DATA.map(([name], data) => [name, (figure) => choose(figure, data)]),
      ["Arrows", toggleArrows],
    ],

    guess: {
      min: 1,
      max: POINTS,
      step: 1,
      isWhole: true,
      within: 0.3,
      of: ({ back, x, y }, figure) => [back, x, y, figure.data],
      ask: ({ back, x, y }) => back + LATER < STEPS && `Ten steps later, how many of the ${POINTS} data will make up nine tenths of the weight at (${x}, ${y})?`,

      answer(figure, { back, x, y }) {
        const [now, value] = [back, back + LATER].map((back) => figure.call("posterior_mean", back, x, y)[2]);
        return { value, because: `it is ${value} at t = ${STEPS - 1 - back - LATER}. At t = ${STEPS - 1 - back} it is ${now}.` };
      },
    },

    command: (_, figure) => {
      const data = DATA[figure.data ?? 0][1];
      const seed = figure.seed ? ` --seed ${figure.seed}` : "";
      const flags = `--data ${data} --points ${POINTS} --steps ${STEPS}`;
      return figure.data ? `cargo run -p part-f-the-way-back -- ${flags}${seed}` : figure.run("part-f-the-way-back", flags);
    },

    build(figure) {
      figure.data ??= 0;
      figure.hasArrows ??= true;
      figure.player = new Player(figure, { input: "back", button: "Play", beat: BEAT });
      figure.plane = new Plane(figure);
      const { canvas } = figure.plane;
      canvas.tabIndex = 0;
      canvas.setAttribute("aria-label", "The plane: arrow keys move the place whose prediction is shown.");
      canvas.setAttribute("role", "application");
      const put = ([x, y]) => {
        Object.assign(figure.controls.values, { x, y });
        figure.schedule();
      };
      canvas.onclick = (event) => put(figure.plane.placeOf(event));
      canvas.onkeydown = (event) => {
        const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [];
        if (dx === undefined) return;
        event.preventDefault();
        const { x, y } = figure.controls.values;
        const moved = (value, by) => Math.min(Math.max(Math.round(20 * value + by) / 20, -1.5), 1.5);
        put([moved(x, dx), moved(y, dy)]);
      };
    },

    begin(figure) {
      figure.known = pairs(figure.call("begin", figure.data, SIDE, POINTS, STEPS, figure.seed));
      figure.taken = 0;
    },

    changed(figure, name) {
      if (name === "back") figure.player.hold();
    },

    reset(figure) {
      figure.player.hold();
      figure.data = 0;
      figure.hasArrows = true;
    },

    /** Who chooses a picture wants to see it. */
    showPicture(figure, picture) {
      if (picture) figure.data = 0;
    },

    showChoice({ controls, data: chosen, hasArrows }) {
      DATA.forEach(([name], data) => {
        controls.named[name].textContent = nameOf(data);
        controls.press(name, data === chosen);
      });
      controls.press("Arrows", hasArrows);
    },

    draw(figure, { back: wanted, x, y }) {
      const { plane } = figure;
      const back = stepTo(figure, wanted);
      if (back < wanted) figure.schedule();
      const [alphaBar, distance, ...state] = figure.call("state", back);
      const factor = Math.sqrt(alphaBar);
      plane.begin();
      plane.dots(figure.known.map((datum) => datum.map((value) => factor * value)), 1, 0.25);
      plane.dots(pairs(state), 0, 1);
      let predicted = "";
      if (back < STEPS) {
        if (figure.hasArrows) {
          const field = figure.call("field", back, PLACES);
          for (let place = 0; place < field.length; place += 4) {
            const [fromX, fromY, dx, dy] = field.slice(place, place + 4);
            const length = Math.min(1, LONGEST / Math.hypot(dx, dy));
            plane.arrow([fromX, fromY], [length * dx, length * dy], 2, 1);
          }
        }
        predicted = drawPrediction(figure, back, [x, y], factor);
      }
      const level = `alpha_bar is ${alphaBar.toPrecision(3)}, and the noise has a standard deviation of ${Math.sqrt(1 - alphaBar).toFixed(3)}`;
      const off = `On average, a point is ${distance.toFixed(3)} from the nearest datum.`;
      const name = nameOf(figure.data).toLowerCase();
      const where = back === 0 ? `Noise, t = ${STEPS - 1}` : back === STEPS ? "Samples" : `t = ${STEPS - 1 - back}`;
      const told = back === STEPS ? `Samples: ${off} No step is left.` : `${where}: ${level}. ${off}${predicted}`;
      const arrows = figure.hasArrows && back < STEPS ? " Arrows show where the denoiser pulls, and are cut off where they are long." : "";
      return {
        told,
        caption: `${POINTS} points after ${back} of ${STEPS} steps back, with the data (${name}) behind them, scaled as the forward process has scaled them.${arrows}`,
        alt: `${POINTS} points in the plane. ${told}`,
      };
    },

    toAddress(figure, state) {
      state.set("data", DATA[figure.data][1]);
      if (!figure.hasArrows) state.set("arrows", "0");
    },

    fromAddress(figure, asked) {
      figure.data = Math.max(DATA.findIndex(([, name]) => name === asked.get("data")), 0);
      figure.hasArrows = asked.get("arrows") !== "0";
    },
  };
})();
