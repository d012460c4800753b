// Part H: a network learns to denoise, and what it makes of noise takes shape.
"use strict";

(() => {
  const POINTS = 1000;
  const SAMPLES = 400;
  const STEPS = 100;
  const BATCH = 128;
  const UPDATES = 3000;
  /** The loss of one batch is mostly chance. What is told is the mean over so many
   * updates. */
  const OVER = 100;
  /** The curve begins after so many. */
  const FIRST = 10;
  const { Names, Plane, Plot, pairs } = window.liveParts;
  const DATA = Names.data;
  /** The flow is for the command alone. */
  const PREDICTIONS = Names.predictions.slice(0, 3);

  /** The reader is asked between which of these ratios the loss will end. */
  const RATIOS = [1.05, 1.2];
  const CHOICES = ["Less than 1.05", "1.05 to 1.2", "1.2 or more"];

  const isDone = (figure) => figure.updates === UPDATES;

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

  const choose = (what, number) => (figure) => {
    figure[what] = number;
    figure.restart();
    figure.schedule();
  };

  /** Nobody waits for what he doesn't see. */
  const runIfSeen = (figure) => figure.trainer?.run(figure.isTraining && figure.isSeen && !document.hidden);

  const hear = (figure, { losses, samples, isDone: hasEnded, ...seen }) => {
    Object.assign(figure, seen);
    figure.losses.push(...losses);
    figure.samples = samples && pairs(samples);
    if (samples) figure.judged.push([seen.updates, seen.loss]);
    if (hasEnded) {
      figure.isTraining = false;
      figure.trainer.end();
      figure.trainer = undefined;
    }
    figure.schedule();
  };

  /** Trains, or holds; when a training has ended, another begins, with other noise. */
  const trainOrHold = async (figure) => {
    if (isDone(figure) || figure.error) {
      if (figure.updates) figure.seed += 1;
      figure.restart();
    }
    figure.isTraining = !figure.isTraining;
    figure.schedule();
    await figure.there;
    try {
      await window.liveParts.loadOnce("trainer");
    } catch ({ message }) {
      Object.assign(figure, { isTraining: false, error: message });
      return figure.schedule();
    }
    if (figure.isTraining) {
      figure.trainer ??= new window.liveParts.Trainer(figure, { begin: figure.beginning, updates: UPDATES, samples: SAMPLES }, (heard) => hear(figure, heard));
    }
    runIfSeen(figure);
  };

  window.liveKinds["part-h"] = {
    module: "learning",
    inputs: [
      { name: "hidden", text: "width", min: 16, max: 128, step: 16, value: 64 },
      { name: "rate", text: "learning rate", min: 0.001, max: 0.1, step: 0.001, value: 0.008 },
    ],
    buttons: [
      ["Train", trainOrHold],
      ...DATA.map(([name], number) => [name, choose("data", number)]),
      ...PREDICTIONS.map((name, number) => [`Predict ${name}`, choose("prediction", number)]),
    ],

    guess: {
      choices: CHOICES,
      of: ({ hidden, rate }, { data, prediction, seed }) => [hidden, rate, data, prediction, seed],
      ask: () => `After all ${UPDATES} updates, how many times the optimal loss will the loss be, on noise that the network has not seen?`,
      later: (figure) => (isDone(figure) ? undefined : figure.error ? "It has stopped, and there is no answer." : "When all updates are done, it will be judged."),

      answer({ loss, optimalLoss }) {
        const ratio = loss / optimalLoss;
        return { value: CHOICES[RATIOS.filter((limit) => ratio >= limit).length], because: `it is ${ratio.toFixed(3)} times the optimal loss.` };
      },
    },

    command({ hidden, rate }, { data, prediction, seed }) {
      const flags = `--data ${DATA[data][1]} --points ${POINTS} --samples ${SAMPLES} --prediction ${PREDICTIONS[prediction]} --hidden ${hidden}`;
      const training = `--batch ${BATCH} --updates ${UPDATES} --learning-rate ${rate} --steps ${STEPS}`;
      return `cargo run -p part-h-learning-to-denoise -- ${flags} ${training}${seed ? ` --seed ${seed}` : ""}`;
    },

    build(figure) {
      figure.data ??= 0;
      figure.prediction ??= 0;
      figure.plane = new Plane(figure);
      figure.plot = new Plot(figure, { height: 260 });
      const inView = new IntersectionObserver((entries) => {
        figure.isSeen = entries.at(-1).isIntersecting;
        runIfSeen(figure);
      });
      inView.observe(figure);
      document.addEventListener("visibilitychange", () => runIfSeen(figure));
    },

    /** A network that knows nothing. */
    begin(figure) {
      const { data, prediction, seed } = figure;
      const { hidden, rate } = figure.controls.values;
      figure.beginning = [
        ["data", data, POINTS, STEPS],
        ["begin", prediction, hidden, BATCH, UPDATES, rate, seed],
      ];
      const [known, [parameters, first]] = figure.beginning.map((settings) => figure.call(...settings));
      Object.assign(figure, { known: pairs(known), parameters, first, updates: 0, losses: [], judged: [] });
      figure.samples = figure.optimalLoss = figure.loss = figure.error = undefined;
    },

    halt(figure) {
      figure.isTraining = false;
      figure.trainer?.end();
      figure.trainer = undefined;
    },

    changed: (figure) => figure.restart(),

    reset(figure) {
      figure.data = 0;
      figure.prediction = 0;
    },

    showChoice({ controls, data, isTraining, prediction }) {
      controls.named.Train.textContent = isTraining ? "Hold" : "Train";
      DATA.forEach(([name], number) => controls.press(name, number === data));
      PREDICTIONS.forEach((name, number) => controls.press(`Predict ${name}`, number === prediction));
    },

    draw(figure, { hidden, rate }) {
      const { plane, updates, losses, samples, optimalLoss, first, parameters } = figure;
      plane.begin();
      plane.dots(figure.known, 1, 0.3);
      if (samples) plane.dots(samples, 0, 1);
      const most = 1.2 * first;
      const points = curve(losses, most);
      const optimal = { name: `optimal loss: ${optimalLoss?.toFixed(4)}`, colour: 2, as: "dashed", points: [[FIRST, optimalLoss], [UPDATES, optimalLoss]] };
      figure.plot.draw(
        { x: { name: "updates", min: FIRST, max: 1.5 * UPDATES, isLogarithm: true }, y: { name: "loss", min: first / 8, max: most, isLogarithm: true } },
        [
          { name: `loss of the last ${OVER} batches`, colour: 1, points },
          { name: "on noise not seen before", colour: 0, as: "dots", points: figure.judged.filter(([, loss]) => loss <= most) },
          ...(optimalLoss ? [optimal] : []),
        ],
      );
      const isAbove = ([, loss]) => loss === undefined;
      const above = () => {
        if (points.slice(-1).some(isAbove)) return " It diverges: the loss is above the plot, more than that of a network that has learned nothing. Try a lower learning rate.";
        return points.some(isAbove) ? " For a while, the loss was above the plot." : "";
      };
      const judged = () =>
        `Over the last ${Math.min(updates, OVER)}, the loss was ${mean(losses.slice(-OVER)).toFixed(4)}. On noise that the network has not seen, it is ${figure.loss.toFixed(4)}: ${(figure.loss / optimalLoss).toFixed(2)} times the optimal loss, ${optimalLoss.toFixed(4)}.${above()}`;
      const told = figure.error
        ? `It ${updates ? `stops after ${updates} updates` : "does not begin"}: ${figure.error}.`
        : updates
          ? `${isDone(figure) ? "Done, all" : `${updates} of`} ${UPDATES} updates. ${judged()}`
          : `A network of ${parameters} parameters that has learned nothing, with a loss of ${first.toFixed(4)} on the first batch. Press Train: it learns at a rate of up to ${rate}.`;
      const name = DATA[figure.data][0].toLowerCase();
      const shown = samples ? `What the network makes of ${SAMPLES} points of noise after ${updates} of ${UPDATES} updates, with the data (${name}) behind` : `The data (${name}), before anything is learned`;
      return {
        told,
        isPassing: figure.isTraining,
        caption: `${shown}. The hidden layers have ${hidden} values. The dashed line is the optimal loss, that of the exact denoiser: on average, nothing gets below it.`,
        alt: `${samples ? `${SAMPLES} samples in the plane, in front of the data` : "The data in the plane"}, and the curve of the loss. ${told}`,
      };
    },

    toAddress(figure, state) {
      state.set("data", DATA[figure.data][1]);
      state.set("prediction", PREDICTIONS[figure.prediction]);
    },

    fromAddress(figure, asked) {
      figure.data = Math.max(DATA.findIndex(([, name]) => name === asked.get("data")), 0);
      figure.prediction = Math.max(PREDICTIONS.indexOf(asked.get("prediction")), 0);
    },
  };
})();
