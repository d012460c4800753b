// Part H: a network learns to denoise: what it predicts comes to what the exact denoiser predicts, and what it makes of noise
// takes shape.
"use strict";

(() => {
  const POINTS = 1000;
  const SAMPLES = 400;
  const STEPS = 100;
  const BATCH = 128;
  /** The loss of one batch is mostly chance. What is told is the mean over so many updates. */
  const OVER = 100;
  /** The curve begins after so many. */
  const FIRST = 10;
  /** Arrows: at which timestep, how many places in a row, from where to where, and how long they are at most. */
  const T = 30;
  const PLACES = 9;
  const REACH = 1.4;
  const LONGEST = 0.28;
  const JUDGED = "on noise not seen before";
  const { LOOKS, element, Names, Plane, Plot, Tape, pairs, runJob } = window.liveParts;
  const UPDATES = LOOKS.at(-1);
  /** The flow is for the command alone. */
  const PREDICTIONS = Names.predictions.slice(0, 3);

  /** The reader is asked between which of these ratios the loss will end. */
  const RATIOS = [1.05, 1.2];
  const CHOICES = ["Less than 1.05", "1.05 to 1.2", "1.2 or more"];

  /** The places that arrows begin at, row by row from the bottom. */
  const grid = Array.from({ length: PLACES * PLACES }, (_, number) =>
    [number % PLACES, Math.floor(number / PLACES)].map((place) => REACH * ((2 * place) / (PLACES - 1) - 1)));

  /** From each place towards what is predicted there. */
  const arrowsOf = (field) =>
    pairs(field).map(([toX, toY], number) => {
      const [x, y] = grid[number];
      const [dx, dy] = [toX - x, toY - y];
      const length = Math.min(1, LONGEST / Math.hypot(dx, dy));
      return [[x, y], [length * dx, length * dy]];
    });

  const mean = (losses) => losses.reduce((sum, loss) => sum + loss, 0) / losses.length;

  /** The mean over the last updates, as a curve over updates; without a value where it is more than this. */
  const curve = (losses, most) => {
    const points = [];
    for (let updates = FIRST; updates <= losses.length; updates += updates < OVER ? 1 : 10) {
      const loss = mean(losses.slice(Math.max(0, updates - OVER), updates));
      points.push([updates, loss <= most ? loss : undefined]);
    }
    return points;
  };

  /** The last look, when there is one. */
  const endOf = ({ tape, error }) => (tape.isWhole && !error ? tape.states.at(-1) : undefined);

  /** A network that learns, and is looked at. */
  const begin = (figure) => {
    const looks = { loss: ["loss"], samples: ["samples"], field: ["field", T, PLACES, REACH, 1] };
    return [window.liveParts.trainer, { begin: figure.beginning, at: LOOKS, update: ["update", 1], sample: ["sample", SAMPLES], looks }];
  };

  const take = (figure, { losses, loss: [loss], optimalLoss, field, samples, updates }) => {
    figure.losses.push(...losses);
    figure.optimalLoss = optimalLoss;
    // What there was without learning, it has looked at, too.
    if (updates === 0) figure.tape.states = [];
    return { updates, loss, field, samples, mean: losses.length ? mean(figure.losses.slice(-OVER)) : undefined };
  };

  const learn = (figure, shouldRun) =>
    figure.lessons && runJob(figure, shouldRun, { begin: () => begin(figure), take: (heard) => take(figure, heard) });

  /** Another network has learned nothing: it learns when the reader asks for it. */
  const learnAnew = ({ controls }) => (controls.values.updates = LOOKS[0]);

  window.liveKinds["part-h"] = {
    module: "learning",
    inputs: [
      { name: "updates", text: "updates", list: LOOKS, value: 0, isAxis: true },
      { name: "hidden", text: "width", min: 16, max: 128, step: 16, value: 64, group: "Network" },
      { name: "rate", text: "learning rate", min: 0.001, max: 0.1, step: 0.001, value: 0.008, group: "Network" },
    ],
    choices: [
      { name: "data", text: "Data", options: Names.data },
      { name: "prediction", text: "Predict", options: PREDICTIONS.map((name) => [name, name]) },
    ],

    guess: {
      choices: CHOICES,
      of: ({ hidden, rate }, { controls, seed }) => [hidden, rate, controls.chosen, seed],
      ask: () => `After all ${UPDATES} updates, how many times the optimal loss will the loss be, on noise that the network has not seen?`,
      later: (figure) => (endOf(figure) ? undefined : figure.error ? "It has stopped, and there is no answer." : "When all updates are done, it will be judged."),

      answer(figure) {
        const ratio = endOf(figure).loss / figure.optimalLoss;
        return { value: CHOICES[RATIOS.filter((limit) => ratio >= limit).length], because: `it is ${ratio.toFixed(3)} times the optimal loss.` };
      },
    },

    command({ hidden, rate }, { controls, seed }) {
      const { data, prediction } = controls.chosen;
      const flags = `--data ${Names.data[data][1]} --points ${POINTS} --samples ${SAMPLES} --prediction ${PREDICTIONS[prediction]} --hidden ${hidden}`;
      const training = `--batch ${BATCH} --updates ${UPDATES} --learning-rate ${rate} --steps ${STEPS}`;
      return `cargo run -p part-h-learning-to-denoise -- ${flags} ${training}${seed ? ` --seed ${seed}` : ""}`;
    },

    build(figure) {
      figure.tape = new Tape(figure, { input: "updates", button: "Train", run: (shouldRun) => learn(figure, shouldRun) });
      figure.plane = new Plane(figure);
      figure.plane.keys([
        ["data", 1, "dots"],
        ["samples of the network", 0, "dots"],
        ["arrows: exact denoiser", 2, "line"],
        ["network", "text", "line"],
      ]);
      figure.plot = new Plot(figure, { height: 230 });
      // There from the beginning, so that nothing moves later.
      figure.plot.legend.append(element("span", {}, element("i", { className: "swatch dots colour-0" }), JUDGED));
      // Beside the picture, so that both are seen at once.
      figure.controls.panel.append(figure.plots);
    },

    /** A network that knows nothing. What depends on other choices than the one that was made stays. */
    begin(figure) {
      const { data, prediction } = figure.controls.chosen;
      const { hidden, rate } = figure.controls.values;
      figure.beginning = [
        ["data", data, POINTS, STEPS],
        ["begin", prediction, hidden, BATCH, UPDATES, rate, figure.seed],
      ];
      const [points, network] = figure.beginning;
      if (figure.ofData !== data) {
        Object.assign(figure, { ofData: data, known: figure.call(...points), ofNetwork: undefined });
        figure.exact = arrowsOf(figure.call("field", T, PLACES, REACH, 0));
      }
      // Before the first update, the rate changes nothing.
      const ofNetwork = [prediction, hidden, figure.seed].join();
      if (figure.ofNetwork !== ofNetwork) {
        const [parameters, first] = figure.call(...network);
        Object.assign(figure, { ofNetwork, parameters, first, field: figure.call("field", T, PLACES, REACH, 1) });
      }
      figure.losses = [];
      figure.optimalLoss = figure.error = figure.stoppedAt = figure.curve = undefined;
      figure.tape.restart({ updates: 0, field: figure.field });
    },

    changed(figure) {
      learnAnew(figure);
      figure.restart();
    },

    reseeded: learnAnew,

    draw(figure, { rate }) {
      const { plane, tape, losses, optimalLoss, first, parameters, error } = figure;
      const { state, isThere } = tape.shown;
      const { updates, samples, field, loss } = state;
      plane.begin();
      plane.keep(figure.ofData, () => {
        plane.cloud(figure.known, 1, 0.3, 2);
        plane.arrows(figure.exact, 2, 3.5, 0.55);
      });
      if (samples) plane.cloud(samples, 0, 1, 2);
      plane.arrows(arrowsOf(field), 3, 1.5);

      const most = 1.2 * first;
      const { points } = figure.curve?.of === losses.length ? figure.curve : (figure.curve = { of: losses.length, points: curve(losses, most) });
      const axes = { x: { name: "updates", min: FIRST, max: 1.5 * UPDATES, isLogarithm: true }, y: { name: "loss", min: first / 8, max: most, isLogarithm: true } };
      const judged = tape.states.filter(({ updates, loss }) => updates && loss <= most).map(({ updates, loss }) => [updates, loss]);
      const optimal = { name: `optimal loss: ${optimalLoss?.toFixed(4)}`, colour: 2, as: "dashed", points: [[FIRST, optimalLoss], [UPDATES, optimalLoss]] };
      const here = { colour: "text", as: "here", points: [[updates, axes.y.min], [updates, most]] };
      figure.plot.draw(axes, [
        ...(points.length ? [{ name: `loss of the last ${OVER} batches`, colour: 1, points }] : []),
        { name: JUDGED, colour: 0, as: "dots", points: judged },
        ...(optimalLoss ? [optimal] : []),
        ...(updates ? [here] : []),
      ]);

      const isAbove = ([at, loss]) => at <= updates && loss === undefined;
      const above = () => {
        if (points.filter(([at]) => at <= updates).slice(-1).some(isAbove)) return " It diverges: the loss is above the plot, more than that of a network that has learned nothing. Try a lower learning rate.";
        return points.some(isAbove) ? " For a while, the loss was above the plot." : "";
      };
      const judge = () => `On noise that the network has not seen, the loss is ${loss.toFixed(4)}: ${(loss / optimalLoss).toFixed(2)} times the optimal loss, ${optimalLoss.toFixed(4)}.`;
      const learned = () => `${updates === UPDATES ? "All" : `${updates} of`} ${UPDATES} updates. Over the last ${Math.min(updates, OVER)}, the loss was ${state.mean.toFixed(4)}. ${judge()}${above()}`;
      const untrained = () => `A network of ${parameters} parameters that has learned nothing, with a loss of ${first.toFixed(4)} on the first batch. ${samples ? judge() : `Press Train: it learns at a rate of up to ${rate}.`}`;
      const stopped = () => (figure.stoppedAt ? ` After ${figure.stoppedAt} updates it stops: ${error}.` : ` It does not begin: ${error}.`);
      const told = `${updates ? learned() : untrained()}${error ? stopped() : ""}`;
      return {
        told,
        isPassing: tape.isPlaying || !isThere,
        caption: `The data (${Names.data[figure.controls.chosen.data][0].toLowerCase()}), and ${SAMPLES} samples of a network that learns them. Each arrow points from a state at t = ${T} to the prediction of x0, and is cut off where it is long. The optimal loss is that of the exact denoiser: on average, nothing gets below it.`,
        alt: `${samples ? `${SAMPLES} samples in the plane, in front of the data` : "The data in the plane"}, arrows of the network and of the exact denoiser, and the curve of the loss. ${told}`,
      };
    },
  };
})();
