// Part H: a network learns to denoise, and what it makes of noise takes shape.
"use strict";

(() => {
  const POINTS = 1000;
  const STEPS = 100;
  const BATCH = 128;
  const UPDATES = 2000;
  /** The loss of one batch is mostly chance. What is told is the mean over so many updates. */
  const OVER = 100;
  const { Plane, Plot, pairs } = window.liveParts;

  /** The data and the predictions by the numbers that the module knows them by, and their names for the command. */
  const DATA = [["Spiral", "spiral"], ["Moons", "moons"], ["Checkerboard", "checkerboard"]];
  const PREDICTIONS = [["Predict noise", "noise"], ["Predict x0", "x0"], ["Predict velocity", "velocity"]];

  /** The means over the last updates up to some, so that they make a curve. */
  const curve = (losses) => {
    const sums = [0];
    losses.forEach((loss) => sums.push(sums.at(-1) + loss));
    const means = [];
    for (let update = 10; update < sums.length; update += 10) {
      const first = Math.max(0, update - OVER);
      means.push([update, (sums[update] - sums[first]) / (update - first)]);
    }
    return means;
  };

  const choose = (what, number) => (figure) => {
    figure[what] = number;
    window.liveKinds["part-h"].begin(figure);
    figure.schedule();
  };

  /** Nobody waits for what he doesn't see. */
  const runIfSeen = (figure) => figure.trainer?.run(figure.isTraining && figure.isSeen && !document.hidden);

  const hear = (figure, { updates, losses, samples, isDone, error }) => {
    figure.updates = updates;
    figure.losses.push(...losses);
    figure.samples = samples && pairs(samples);
    figure.error = error;
    if (isDone) {
      figure.isTraining = false;
      figure.trainer.end();
      figure.trainer = undefined;
    }
    figure.schedule();
  };

  /** Trains, or holds; when a training has ended, another one begins, with other noise. */
  const trainOrHold = async (figure) => {
    if (!figure.lessons) return;
    if (figure.updates === UPDATES || figure.error) {
      figure.seed += 1;
      window.liveKinds["part-h"].begin(figure);
    }
    figure.isTraining = !figure.isTraining;
    figure.schedule();
    await window.liveParts.load("trainer.js");
    figure.trainer ??= new window.liveParts.Trainer(figure.lessons, { begin: figure.arguments, updates: UPDATES }, (heard) => hear(figure, heard));
    runIfSeen(figure);
  };

  window.liveKinds["part-h"] = {
    module: "learning",
    inputs: [
      { name: "hidden", text: "width", min: 16, max: 128, step: 16, value: 64 },
      { name: "rate", text: "learning rate", min: 0.001, max: 0.1, step: 0.001, value: 0.005 },
    ],
    buttons: [
      ["Train", trainOrHold],
      ...DATA.map(([name], number) => [name, choose("data", number)]),
      ...PREDICTIONS.map(([name], number) => [name, choose("prediction", number)]),
    ],

    command({ hidden, rate }, { data, prediction, seed }) {
      const flags = `--data ${DATA[data][1]} --points ${POINTS} --prediction ${PREDICTIONS[prediction][1]} --hidden ${hidden}`;
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
      const { hidden, rate } = figure.controls.values;
      figure.trainer?.end();
      figure.trainer = undefined;
      figure.arguments = [figure.data, POINTS, STEPS, figure.prediction, hidden, BATCH, UPDATES, rate, figure.seed];
      figure.lessons.call("part_h", ...figure.arguments);
      const [weights, first, floor, ...data] = figure.lessons.numbers();
      Object.assign(figure, { weights, first, floor, known: pairs(data) });
      Object.assign(figure, { isTraining: false, updates: 0, losses: [], samples: undefined, error: undefined });
    },

    changed(figure) {
      if (figure.lessons) this.begin(figure);
    },

    reset(figure) {
      figure.data = 0;
      figure.prediction = 0;
    },

    draw(figure, { hidden }) {
      const { plane, controls, updates, losses, samples, floor, first } = figure;
      const isDone = updates === UPDATES;
      controls.named.Train.textContent = figure.isTraining ? "Hold" : "Train";
      DATA.forEach(([name], number) => controls.press(name, number === figure.data));
      PREDICTIONS.forEach(([name], number) => controls.press(name, number === figure.prediction));
      plane.begin();
      plane.dots(figure.known, 1, 0.3);
      if (samples) plane.dots(samples, 0, 1);
      const means = [[0, first], ...curve(losses)];
      figure.plot.draw(
        { x: { name: "update", min: 0, max: UPDATES }, y: { name: "loss", min: 0, max: Math.ceil(10 * first) / 10 } },
        [
          { name: `loss, mean of ${OVER} updates`, colour: 0, points: means },
          { name: `best possible: ${floor.toFixed(4)}`, colour: 2, as: "dashed", points: [[0, floor], [UPDATES, floor]] },
        ],
      );
      const loss = means.at(-1)[1];
      const ratio = `${(loss / floor).toFixed(2)} times the best possible ${floor.toFixed(4)}`;
      const told = figure.error
        ? `After ${updates} updates, it stops: ${figure.error}.`
        : updates === 0
          ? `A network of ${figure.weights} numbers, which has learned nothing. Its loss on the first batch is ${first.toFixed(4)}, ${ratio}. Press Train.`
          : `${isDone ? "Done: " : ""}${updates} of ${UPDATES} updates. Over the last ${Math.min(updates, OVER)}, the loss is ${loss.toFixed(4)}: ${ratio}.`;
      const name = DATA[figure.data][0].toLowerCase();
      const shown = samples ? `What the network makes of ${POINTS} points of noise, after ${updates} of ${UPDATES} updates` : "Nothing is learned yet";
      return {
        told,
        isPassing: figure.isTraining,
        caption: `${shown}, with the data (${name}) behind. The network has hidden layers of ${hidden} values. Below it all, dashed, the loss of the exact denoiser: no network gets lower.`,
        alt: `${samples ? `${POINTS} samples in the plane, in front of the data` : "The data in the plane"}, and the curve of the loss. ${told}`,
      };
    },

    toAddress(figure, state) {
      state.set("data", DATA[figure.data][1]);
      state.set("prediction", PREDICTIONS[figure.prediction][1]);
    },

    fromAddress(figure, asked) {
      const numberOf = (list, name) => Math.max(list.findIndex(([, other]) => other === asked.get(name)), 0);
      figure.data = numberOf(DATA, "data");
      figure.prediction = numberOf(PREDICTIONS, "prediction");
    },
  };
})();
