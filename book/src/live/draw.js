// The reader's own data: a drawing, noise that flows to it, and a network that learns it.
"use strict";

(() => {
  const POINTS = 1000;
  const STEPS = 20;
  /** The number of the prediction of the noise. */
  const PREDICTION = 0;
  const SAMPLES = 300;
  const TIMESTEPS = 100;
  const REACH = 1.7;
  const HIDDEN = 64;
  const BATCH = 128;
  const RATE = 0.008;
  const MOST_STEPS = 50;
  /** So long, in milliseconds, the pen rests until the noise flows: between two letters of a name it doesn't. */
  const AT_REST = 700;
  const FILE = "drawing.csv";
  /** Before that, a finger that goes up or down scrolls the page. */
  const ASKS = matchMedia("(pointer: coarse)").matches ? "tap, then draw" : "draw here";
  const { LOOKS, button, element, Names, Plane, Plot, Strokes, Tape, pairs, runJob } = window.liveParts;
  const UPDATES = LOOKS.at(-1);
  const { samplers: SAMPLERS } = Names;
  const numberOf = (name) => SAMPLERS.findIndex(([, named]) => named === name);
  const DDIM = numberOf("ddim");
  /** The one that is chosen at first comes first. */
  const ORDER = [numberOf("dpm-solver++"), ...SAMPLERS.keys()].filter((number, place, all) => all.indexOf(number) === place);

  /** Drawings to begin with, as a link carries them. */
  const DRAWINGS = [
    ["Heart", "heart", "CCCygknwqsuplisitfscmdqYoVlVhZfNbTYUQOGJGJSPZSgdgjZuSxG3G3QyYsbtfmh0lrorqomjylzezVqUnQgc"],
    ["Star", "star", "CCDrXEWDXEXDXEWDXE819081809180CgCgCgCgCgCgCg8M9L8M8L9M8LX8W9X8X9X8W9X8"],
    ["Smile", "smile", "DwCCe3V9YtRxUpSoSmZiJjBdZeSaSYUXRPYTXKcKgQkKpKtNwQ0U1Y3d_jniumuospvxotr9i3.BoClendjbicgbeddebgcibjdlekglijjin.C0Clendjbicgbeddebgcibjdlekglijjin.BGBloQrVtY0a1hvlplvuow"],
    ["Rust", "rust", "AKBQg5g5g5g59gqdpXkWgaeZaYbcWdDg.AjCCvHuH.BSCWgIgIiZlYkcpdmgpjopjqg4g4.CABpgH.C4COamZiagaeacdbfXkYlcxdmdkcjafXaZWcagZiZn.DYC0gEgDgEjZoZifqh.DGCW2g2g"],
    ["Yours", "yours", ""],
  ];
  const YOURS = DRAWINGS.length - 1;

  const chosenSampler = ({ controls }) => ORDER[controls.chosen.sampler];
  const nameOfSampler = (figure) => SAMPLERS[chosenSampler(figure)][0];
  const etaOf = (figure) => (chosenSampler(figure) === DDIM ? figure.controls.values.eta : 0);
  const isYours = ({ controls }) => controls.chosen.drawing === YOURS;
  const isNetwork = ({ controls }) => controls.chosen.denoiser === 1;
  const nameOf = (figure) => ["the heart", "the star", "the smile", "the word", "your drawing"][figure.controls.chosen.drawing];

  /** Puts the drawing that is chosen on the plane. */
  const showDrawing = (figure) => {
    const { drawing } = figure.controls.chosen;
    figure.strokes.code = drawing === YOURS ? figure.own : DRAWINGS[drawing][2];
  };

  /** The noise flows to the drawing as it is now. */
  const take = (figure) => {
    clearTimeout(figure.resting);
    figure.isDrawing = false;
    Object.assign(figure.controls.values, { step: 0, updates: LOOKS[0] });
    figure.restart();
    if (!figure.strokes.isEmpty) figure.flow.playOrHold();
    figure.schedule();
  };

  /** The pen touches the plane: what is not the reader's makes room. */
  const begin = (figure) => {
    clearTimeout(figure.resting);
    figure.setAttribute("touched", "");
    figure.halt();
    const { controls, own, strokes } = figure;
    figure.before = { own, code: strokes.code, chosen: { ...controls.chosen }, step: controls.values.step };
    figure.isDrawing = true;
    controls.values.step = 0;
    if (isYours(figure)) return;
    Object.assign(controls.chosen, { drawing: YOURS, denoiser: 0 });
    strokes.code = "";
    controls.show();
  };

  /** The finger has scrolled the page, or nothing but a stray click has touched the plane: all is as it was. */
  const takeBack = (figure) => {
    const { controls, before, strokes } = figure;
    Object.assign(controls.chosen, before.chosen);
    controls.values.step = before.step;
    figure.own = before.own;
    strokes.code = before.code;
    figure.isDrawing = false;
    controls.show();
    figure.schedule();
  };

  /** A stroke is there: when the pen has come to rest, the noise flows. */
  const rest = (figure, event) => {
    const { strokes, before } = figure;
    const isDot = strokes.places.length === 1 && strokes.places[0].length === 1;
    if (event && isDot && before.chosen.drawing !== YOURS) {
      if (event.pointerType !== "touch") return takeBack(figure);
      // A tap makes room: from now on, the finger draws in any direction.
      strokes.code = "";
    }
    figure.own = strokes.code;
    clearTimeout(figure.resting);
    figure.resting = setTimeout(() => take(figure), AT_REST);
    figure.schedule();
  };

  const clear = (figure) => {
    begin(figure);
    figure.strokes.code = figure.own = "";
    figure.controls.chosen.denoiser = 0;
    figure.controls.show();
    take(figure);
  };

  const pointsOf = ({ strokes }) => ["points", POINTS, ...strokes.places.flatMap((stroke) => [...stroke.flat(), NaN, NaN]).slice(0, -2)];
  const samplingOf = (figure) => [chosenSampler(figure), figure.controls.values.steps, etaOf(figure), SAMPLES, figure.seed];

  /** The next state on the way from noise to the drawing, with the exact denoiser; and, of the last one, how good it is. */
  const step = (figure) => {
    const [remaining, ...numbers] = figure.call("step");
    if (remaining === 0) figure.judged = figure.call("distances");
    return numbers;
  };

  /** What a worker does for a look at the network: it samples as the figure does. */
  const jobOf = (figure) => [
    window.liveParts.trainer,
    {
      begin: [pointsOf(figure), ["learn", PREDICTION, HIDDEN, BATCH, UPDATES, RATE, figure.seed]],
      at: LOOKS,
      update: ["update", 1],
      sample: ["begin", ...samplingOf(figure), 1],
      looks: { loss: ["loss"], judged: ["distances"] },
    },
  ];

  const lookOf = ({ loss: [loss], ...look }) => ({ ...look, loss });

  /** Has a worker train, or hold: only what is looked at is learned. */
  const train = (figure, shouldRun) =>
    runJob(figure, shouldRun && isNetwork(figure) && figure.known, { begin: () => jobOf(figure), take: lookOf, tape: figure.learning });

  const offerFile = (figure) => {
    const save = button(`Save ${FILE}`, async () => {
      await figure.there;
      if (!figure.known) return;
      figure.call("csv");
      const href = URL.createObjectURL(new Blob([figure.lessons.text()], { type: "text/csv" }));
      element("a", { href, download: FILE }).click();
      setTimeout(() => URL.revokeObjectURL(href), 60_000);
    });
    figure.controls.actions.querySelector(".taken").append(save);
  };

  /** The pen, where keys move it, and what it has drawn. */
  const drawPen = ({ plane, strokes }, opacity) => {
    for (const stroke of strokes.places) {
      // A dot is a line that is too short to be seen as one.
      const [[x, y]] = stroke;
      plane.trail(stroke.length > 1 ? stroke : [[x - 0.02, y], [x + 0.02, y]], 1, 6, opacity);
    }
    if (plane.canvas.matches(":focus-visible")) plane.ring(strokes.position, 7, 3);
  };

  const isOutside = ([x, y]) => Math.abs(x) > REACH || Math.abs(y) > REACH;

  const tellSamples = ([distance, coverage], samples) => {
    const outside = pairs(samples).filter(isOutside).length;
    const away = outside ? `; ${outside} of ${SAMPLES} are outside the picture` : "";
    return `A sample is ${distance.toFixed(4)} from the nearest point of the drawing, on average, and the samples cover ${(100 * coverage).toFixed(0)}\u00a0% of it${away}`;
  };

  const tellExact = (figure, place) => {
    const { steps } = figure.controls.values;
    const by = `${nameOfSampler(figure)} with the exact denoiser`;
    if (place === 0) return `${SAMPLES} points of noise. Press Flow, and ${by} takes them to ${nameOf(figure)} in ${steps} steps.`;
    if (place < steps) return `Step ${place} of ${steps}: ${by}.`;
    return `Done, in ${steps} steps: ${by}. ${tellSamples(figure.judged, figure.flow.states.at(-1))}.`;
  };

  const tellNetwork = (figure, look, place) => {
    if (figure.error) return `It doesn't learn: ${figure.error}.`;
    if (!look) return "A network that has learned nothing. Press Learn.";
    const { updates, loss, optimalLoss, judged, states } = look;
    const { steps } = figure.controls.values;
    const learned = updates ? `After ${updates} updates, the loss is ${loss.toFixed(4)}, ${(loss / optimalLoss).toFixed(2)} times the least that is possible` : `A network that has learned nothing: its loss is ${loss.toFixed(4)}, and the least that is possible ${optimalLoss.toFixed(4)}${figure.learning.isPlaying ? "" : ". Press Learn"}`;
    return `${learned}. ${place === steps ? tellSamples(judged, states.at(-1)) : `Step ${place} of ${steps} with ${nameOfSampler(figure)}`}.`;
  };

  /** The loss as it fell, and how low it can get. */
  const drawLoss = (figure, look) => {
    const { plot } = figure;
    plot.svg.parentElement.hidden = !look;
    if (!look) return;
    const known = figure.learning.states;
    const most = 1.3 * known[0].loss;
    const { optimalLoss } = look;
    const at = ({ updates, loss }) => [Math.max(updates, LOOKS[1] / 2), Math.min(loss, most)];
    plot.draw(
      { x: { name: "updates", min: LOOKS[1] / 2, max: UPDATES, isLogarithm: true }, y: { name: "loss", min: 0, max: most } },
      [
        { name: "the network", colour: 0, points: known.map(at) },
        { name: `least possible: ${optimalLoss.toFixed(4)}`, colour: 2, as: "dashed", points: [[LOOKS[1] / 2, optimalLoss], [UPDATES, optimalLoss]] },
        { colour: 0, as: "handles", points: [at(look)] },
      ],
    );
  };

  window.liveKinds.draw = {
    module: "drawing",
    waits: "Draw something here, and noise will flow to it.",
    inputs: [
      { name: "step", text: "step", min: 0, max: STEPS, value: STEPS, isAxis: true, endOf: ({ steps }) => steps },
      { name: "updates", text: "updates", list: LOOKS, value: 0, isAxis: true },
      { name: "steps", text: "steps", min: 2, max: MOST_STEPS, value: STEPS, group: "Sampler" },
      { name: "eta", text: "eta of DDIM", min: 0, max: 1, step: 0.05, value: 0, group: "Sampler" },
    ],
    choices: [
      { name: "drawing", text: "Drawing", options: DRAWINGS, isList: false },
      { name: "denoiser", text: "Denoiser", options: [["Exact", "exact"], ["Network", "network"]] },
      { name: "sampler", text: "Sampler", options: ORDER.map((number) => SAMPLERS[number]) },
    ],
    buttons: [["Clear", clear, { group: "Drawing" }]],

    command({ steps }, figure) {
      const seed = figure.seed ? ` --seed ${figure.seed}` : "";
      const eta = etaOf(figure) ? ` --eta ${etaOf(figure)}` : "";
      const sampling = `--sampler ${SAMPLERS[chosenSampler(figure)][1]} --spacing karras --steps ${steps}${eta} --samples ${SAMPLES}${seed}`;
      const sample = (from) => `cargo run -p part-i-samplers -- --data ${FILE} ${from} ${sampling}`;
      if (!isNetwork(figure)) return sample(`--schedule cosine --timesteps ${TIMESTEPS}`);
      const training = `--hidden ${HIDDEN} --batch ${BATCH} --updates ${UPDATES} --learning-rate ${RATE} --steps ${TIMESTEPS}${seed}`;
      return `cargo run -p part-h-learning-to-denoise -- --data ${FILE} ${training} --save drawing.safetensors\n${sample("--model drawing.safetensors --clip none")}`;
    },

    build(figure) {
      figure.plane = new Plane(figure, REACH);
      figure.flow = new Tape(figure, { input: "step", button: "Flow", next: () => step(figure), played: () => figure.learning.hold(), isReady: () => !figure.strokes.isEmpty });
      figure.learning = new Tape(figure, {
        input: "updates",
        button: "Learn",
        run: (shouldRun) => train(figure, shouldRun),
        isReady: () => !figure.strokes.isEmpty,
        played() {
          figure.flow.hold();
          figure.controls.chosen.denoiser = 1;
          figure.controls.values.step = figure.controls.values.steps;
        },
      });
      figure.own ??= "";
      figure.strokes = new Strokes(figure.plane, { begun: () => begin(figure), changed: (event) => rest(figure, event), draw: () => figure.schedule(), takeBack: () => takeBack(figure) });
      showDrawing(figure);
      figure.plot = new Plot(figure, { height: 190, parent: figure.controls.panel });
      figure.plot.svg.parentElement.hidden = true;
      offerFile(figure);
    },

    begin(figure) {
      figure.error = undefined;
      figure.known = figure.strokes.isEmpty ? undefined : figure.call(...pointsOf(figure));
      figure.flow.restart(...(figure.known ? [figure.call("begin", ...samplingOf(figure), 0)] : []));
      figure.learning.restart();
    },

    scrubbed(figure, name) {
      if (name === "updates") figure.controls.chosen.denoiser = 1;
    },

    changed(figure, name) {
      if (name === "denoiser") return figure.learning.hold();
      if (name === "drawing") {
        showDrawing(figure);
        return take(figure);
      }
      // Only one sampler has an eta.
      if (name === "eta") figure.controls.chosen.sampler = ORDER.indexOf(DDIM);
      figure.restart();
    },

    reset(figure) {
      figure.isDrawing = false;
      showDrawing(figure);
    },

    showChoice(figure) {
      // Whoever has begun to draw may draw in any direction; before, a finger that goes up or down scrolls the page.
      figure.toggleAttribute("drawing", isYours(figure));
    },

    /** What can be seen without the lessons: the pen's strokes. */
    sketch(figure) {
      if (!figure.hasAttribute("touched")) return;
      figure.plane.begin();
      drawPen(figure, 1);
    },

    draw(figure) {
      const { plane, strokes, flow, learning, known, isDrawing } = figure;
      plane.begin();
      const isEmpty = !known || isDrawing;
      const alt = (told) => `The plane, with ${strokes.isEmpty ? "nothing drawn" : nameOf(figure)}. ${told}`;
      if (isEmpty) {
        drawPen(figure, 1);
        if (strokes.isEmpty) plane.label([0, 0.12 - REACH], "draw here", 3, 0);
        drawLoss(figure);
        const told = strokes.isFull ? "The pen is empty: a link carries no more than this." : strokes.isEmpty ? "Draw something: a heart, a letter, your name." : "When the pen rests, noise flows to it.";
        return { told, caption: "A plane to draw on.", alt: alt(told) };
      }
      const { place: exactPlace, isThere } = flow.shown;
      const look = isNetwork(figure) ? learning.shown.state : undefined;
      const place = isNetwork(figure) ? figure.controls.values.step : exactPlace;
      const states = (isNetwork(figure) ? (look?.states ?? flow.states.slice(0, 1)) : flow.states).slice(0, place + 1);
      figure.states = states;
      plane.cloud(known, 1, 0.45, 2.5);
      plane.tracks(states, 1, 0, 0.4);
      plane.cloud(states.at(-1), 0, 1, 4);
      drawPen(figure, 0);
      if (!figure.hasAttribute("touched")) plane.label([0, 0.12 - REACH], ASKS, 3, 0);
      drawLoss(figure, look);
      const told = isNetwork(figure) ? tellNetwork(figure, look, place) : tellExact(figure, place);
      const by = isNetwork(figure) ? "a network that learns it" : "the exact denoiser";
      return {
        told,
        isPassing: flow.isPlaying || learning.isPlaying || !isThere || (isNetwork(figure) && !look),
        caption: `${SAMPLES} points of noise, and their trails to ${nameOf(figure)}, which is ${POINTS} points: with ${by}.`,
        alt: alt(told),
      };
    },

    toAddress(figure, state) {
      if (isYours(figure)) state.set("strokes", figure.own);
    },

    fromAddress(figure, asked) {
      figure.own = asked.get("strokes") ?? "";
      if (figure.strokes) showDrawing(figure);
    },
  };
})();
