// Part N: the reader wipes over a digit: how likely each label still is, and which labels the samples of a method have.
"use strict";

(() => {
  const SIDE = 8;
  const LABELS = 10;
  const SAMPLES = 100;
  const STEPS = 50;
  /** A state on the way for so many percent of it. */
  const EVERY = 2;
  /** So many samples are shown, in rows. */
  const COLUMNS = 7;
  const SHOWN = 2 * COLUMNS;
  /** So long, in milliseconds, a worker waits for what is chosen next. */
  const AT_REST = 200;
  const { element, hand, say, Tape, runJob } = window.liveParts;

  const SEEN = [
    ["All", "all", () => true],
    ["Top half", "top", (pixel) => pixel < (SIDE * SIDE) / 2],
    ["Left half", "left", (pixel) => pixel % SIDE < SIDE / 2],
    ["Nothing", "nothing", () => false],
    ["Yours", "yours"],
  ];
  const YOURS = SEEN.length - 1;
  /** The exact denoiser of what is seen, and those that know nothing of it, in the order of the chapter. */
  const METHODS = [
    ["Exact", "exact"],
    ["Replacement", "replacement"],
    ["RePaint", "repaint"],
    ["DDRM", "ddrm"],
    ["DPS", "dps"],
    ["DPS, square", "dps-square"],
    ["ΠGDM", "pigdm"],
  ];
  const USUAL = 1;

  const pixels = (isSeen) => Array.from({ length: SIDE * SIDE }, (_, pixel) => isSeen(pixel));

  /** Which pixels are seen as two numbers of 32 bits. */
  const bitsOf = (seen) => [seen.slice(0, 32), seen.slice(32)].map((half) => half.reduce((bits, isSeen, bit) => bits + (isSeen ? 2 ** bit : 0), 0));

  /** The same as a link has them, and back; other letters are none. */
  const lettersOf = (seen) => bitsOf(seen).map((bits) => bits.toString(16).padStart(8, "0")).join("");
  const seenOf = (letters) => {
    if (!/^[0-9a-f]{16}$/.test(letters)) return undefined;
    const halves = [letters.slice(0, 8), letters.slice(8)].map((half) => parseInt(half, 16));
    return pixels((pixel) => Math.floor(halves[pixel < 32 ? 0 : 1] / 2 ** (pixel % 32)) % 2 === 1);
  };

  /** The same as the command takes them: 0-31,40. */
  const observed = (seen) => {
    const ranges = [];
    seen.forEach((isSeen, pixel) => {
      if (!isSeen) return;
      if (pixel && seen[pixel - 1]) ranges.at(-1)[1] = pixel;
      else ranges.push([pixel, pixel]);
    });
    return ranges.length ? `mask:${ranges.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(",")}` : "nothing";
  };

  /** A job: goes from noise to samples, and says now and then what there is. A worker gets this function and nothing else of this
   * file. */
  const sampler = ({ call, pixels }, { observe, begin, state, looks }, say) => {
    const seen = { taken: 0 };
    let [total, look] = [0, 0];
    const step = () => {
      if (look === 0) {
        call(...observe);
        [total] = call(...begin);
      } else {
        call("advance");
        seen.taken += 1;
      }
      if (seen.taken * looks < look * total) return true;
      look += 1;
      const isDone = seen.taken === total;
      say({ ...seen, numbers: call(...state), pixels: pixels(), isDone });
      return !isDone;
    };
    return { step, seen };
  };

  const observation = ({ seen, seed, controls: { values } }) => ["observe", values.digit, ...bitsOf(seen), values.noise, seed];

  const begin = (figure) => {
    const begin = ["begin", figure.controls.chosen.method, SAMPLES, STEPS];
    return [sampler, { observe: observation(figure), begin, state: ["state", SHOWN, COLUMNS], looks: 100 / EVERY }, figure.learned];
  };

  const take = ({ frames: [, { canvas }] }, { pixels, numbers }) => ({
    picture: new ImageData(pixels, canvas.width, canvas.height),
    fractions: numbers.slice(0, LABELS),
    off: numbers[LABELS],
    byChance: numbers[LABELS + 1],
  });

  /** Has a worker sample, or hold: not as long as the reader wipes, and, where there is none yet, a little later. */
  const sample = (figure, shouldRun) => {
    clearTimeout(figure.waiting);
    const isWanted = shouldRun && figure.learned && !figure.isWiping;
    const go = () => runJob(figure, isWanted, { begin: () => begin(figure), take: (heard) => take(figure, heard) });
    if (isWanted && !figure.job) figure.waiting = setTimeout(go, AT_REST);
    else go();
  };

  /** From now on other pixels are seen: those that the reader has wiped over are not, or are again. */
  const wipe = (figure, pixel, isSeen) => {
    if (figure.seen[pixel] === isSeen) return;
    // Samples follow, and none of the states before them.
    figure.controls.values.way = 100;
    figure.seen = figure.own = figure.seen.with(pixel, isSeen);
    figure.controls.chosen.seen = YOURS;
    figure.controls.show();
    figure.restart();
    figure.schedule();
  };

  /** The reader's hand on the digit: a pointer, a finger or keys. */
  const listen = (figure) => {
    const [{ canvas }] = figure.frames;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", "The digit: arrow keys go from pixel to pixel, the space bar wipes one away or brings it back, and arrow keys with Shift wipe.");
    /** Where on the digit a pointer is, in pixels of it. */
    const placeOf = ({ clientX, clientY }) => {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      const within = (place) => Math.min(Math.max(place * SIDE, 0), SIDE - 0.01);
      return [within((clientX - left) / width), within((clientY - top) / height)];
    };
    const pixelAt = ([x, y]) => SIDE * Math.floor(y) + Math.floor(x);
    let [last, isSeen, before] = [undefined, false, undefined];
    /** Who begins on a pixel that is not seen brings back. */
    const begin = (place) => {
      before = { seen: figure.seen, own: figure.own, chosen: figure.controls.chosen.seen };
      figure.isWiping = true;
      isSeen = !figure.seen[pixelAt(place)];
      last = place;
      wipe(figure, pixelAt(place), isSeen);
    };
    const goTo = (place) => {
      const pieces = Math.ceil(2 * Math.hypot(place[0] - last[0], place[1] - last[1]));
      for (let piece = 1; piece <= pieces; piece += 1) {
        wipe(figure, pixelAt(last.map((value, row) => value + (piece / pieces) * (place[row] - value))), isSeen);
      }
      last = place;
    };
    const end = () => {
      figure.isWiping = false;
      figure.restart();
      figure.schedule();
    };
    const takeBack = () => {
      Object.assign(figure, { seen: before.seen, own: before.own });
      figure.controls.chosen.seen = before.chosen;
      figure.controls.show();
      end();
    };
    hand(canvas, placeOf, { begin, goTo, end, takeBack });
    canvas.onkeydown = (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -SIDE, ArrowDown: SIDE }[event.key];
      if (event.key === " ") wipe(figure, figure.at, !figure.seen[figure.at]);
      else if (!by) return;
      else {
        const to = figure.at + by;
        const isThere = Math.abs(by) === 1 ? Math.floor(to / SIDE) === Math.floor(figure.at / SIDE) : to >= 0 && to < SIDE * SIDE;
        if (event.shiftKey) wipe(figure, figure.at, false);
        if (isThere) figure.at = to;
        if (event.shiftKey) wipe(figure, figure.at, false);
      }
      event.preventDefault();
      figure.schedule();
    };
  };

  /** What is seen of the digit, with its noise. What is not lets its canvas show through, which is hatched. */
  const drawDigit = ({ frames: [{ context }], seen, at, mark }, values) => {
    const image = new ImageData(SIDE, SIDE);
    seen.forEach((isSeen, pixel) => image.data.set([...Array(3).fill(127.5 * (values[pixel] + 1)), isSeen ? 255 : 0], 4 * pixel));
    context.putImageData(image, 0, 0);
    Object.assign(mark.style, { left: `${(at % SIDE) * (100 / SIDE)}%`, top: `${Math.floor(at / SIDE) * (100 / SIDE)}%` });
  };

  const percent = (fraction) => `${(100 * fraction).toFixed(1)}\u00a0%`;

  /** Two bars for each label: how likely it is, hollow, and the fraction of samples, filled. */
  const drawBars = ({ bars }, truth, fractions) => {
    bars.columns.forEach(({ exact, made, told }, label) => {
      exact.style.setProperty("--of", 100 * truth[label]);
      made.style.setProperty("--of", 100 * (fractions?.[label] ?? 0));
      say(told, truth[label] >= 0.005 ? (100 * truth[label]).toFixed(0) : "");
    });
    const tell = (_, label) => `${label}: ${percent(truth[label])}${fractions ? `, and ${percent(fractions[label])} of the samples` : ""}`;
    bars.all.setAttribute("aria-label", `How likely each label is. ${truth.map(tell).join("; ")}.`);
  };

  const buildBars = (figure) => {
    const columns = Array.from({ length: LABELS }, () => {
      const told = element("small");
      return { told, exact: element("i", {}, told), made: element("i") };
    });
    const all = element("div", { className: "bars" }, ...columns.map(({ exact, made }, label) => element("div", {}, exact, made, element("b", { textContent: `${label}` }))));
    all.setAttribute("role", "img");
    figure.pictures.append(all);
    figure.bars = { all, columns };
  };

  /** The likeliest labels, in words. */
  const likeliest = (truth) => {
    const labels = [...truth.keys()].sort((one, other) => truth[other] - truth[one]).filter((label) => truth[label] >= 0.05).slice(0, 3);
    const told = labels.map((label) => `${label} (${percent(truth[label])})`);
    return told.length > 1 ? `${told.slice(0, -1).join(", ")} or ${told.at(-1)}` : told[0];
  };

  const tellSamples = (figure, place, state) => {
    const [name] = METHODS[figure.controls.chosen.method];
    if (figure.error) return `Sampling stops: ${figure.error}.`;
    if (figure.isWiping) return "Samples follow when you let go.";
    if (!state) return `One moment: ${name} begins to sample.`;
    const { off, byChance } = state;
    if (place * EVERY < 100) return `${name} has gone ${place * EVERY}\u00a0% of the way: these are states, with noise in them.`;
    return `Of ${SAMPLES} samples of ${name}, ${percent(off)} would need another label to be as the truth is; of as many draws of the truth, ${percent(byChance)}.`;
  };

  window.liveKinds["part-n"] = {
    module: "to-order",
    network: "handwritten",
    waits: "Wipe over the digit, or press Play: samples of a method follow.",
    inputs: [
      { name: "way", text: "way gone, in %", min: 0, max: 100, step: EVERY, value: 100, isAxis: true },
      { name: "noise", text: "noise of what is seen", min: 0.1, max: 3, step: 0.1, value: 0.5, group: "What is seen" },
      { name: "digit", text: "digit number", min: 0, max: 1796, step: 1, value: 2, isSlim: true, group: "What is seen" },
    ],
    choices: [
      { name: "seen", text: "What is seen", options: SEEN, value: 1, isList: false },
      { name: "method", text: "Method", options: METHODS, value: USUAL },
    ],

    command({ noise, digit }, figure) {
      const [, method] = METHODS[figure.controls.chosen.method];
      const flags = `--digit ${digit} --observe ${observed(figure.seen)} --noise ${noise} --method ${method} --samples ${SAMPLES} --steps ${STEPS}`;
      return `cargo run -p part-n-to-order -- ${flags}${figure.seed ? ` --seed ${figure.seed}` : ""}`;
    },

    build(figure) {
      figure.at = 0;
      const digit = figure.addFrame("", "digit");
      figure.mark = element("i", { className: "at" });
      digit.canvas.after(figure.mark);
      const legend = [["how likely, exactly", "hollow colour-1"], ["samples", "filled colour-0"]];
      figure.pictures.append(element("p", { className: "legend" }, ...legend.map(([text, looks]) => element("span", {}, element("i", { className: `swatch ${looks}` }), text))));
      buildBars(figure);
      const samples = figure.addFrame("", "samples");
      figure.frames.push(digit, samples);
      digit.canvas.width = digit.canvas.height = SIDE;
      Object.assign(samples.canvas, { width: COLUMNS * (SIDE + 1) - 1, height: 2 * (SIDE + 1) - 1 });
      figure.tape = new Tape(figure, { input: "way", button: "Play", run: (shouldRun) => sample(figure, shouldRun) });
      listen(figure);
    },

    begin(figure) {
      figure.error = undefined;
      figure.tape.restart();
    },

    changed(figure, name) {
      if (name === "seen") takeChosen(figure);
      figure.restart();
    },

    reset(figure) {
      figure.own = undefined;
      takeChosen(figure);
    },

    showChoice(figure) {
      if (!figure.seen) takeChosen(figure);
      // Whoever has begun to wipe may wipe in any direction; before, a finger that goes up or down scrolls the page.
      figure.toggleAttribute("drawing", figure.controls.chosen.seen === YOURS);
    },

    draw(figure, { digit, noise }) {
      const { tape, frames: [, { canvas, context }], seen } = figure;
      const asked = observation(figure);
      if (`${asked}` !== figure.asked) {
        const [label, ...numbers] = figure.call(...asked);
        Object.assign(figure, { asked: `${asked}`, label, truth: numbers.slice(0, LABELS), values: numbers.slice(LABELS) });
      }
      const { label, truth, values } = figure;
      const { place, state, isThere } = tape.shown;
      drawDigit(figure, values);
      drawBars(figure, truth, state?.fractions);
      if (state) context.putImageData(state.picture, 0, 0);
      else context.clearRect(0, 0, canvas.width, canvas.height);
      const count = seen.filter(Boolean).length;
      const told = `Digit number ${digit} is ${label === 8 ? "an" : "a"} ${label}. Given the ${count} of its ${SIDE * SIDE} pixels that are seen, with a noise of ${noise}, the label is ${likeliest(truth)}. ${tellSamples(figure, place, state)}`;
      return {
        told,
        isPassing: tape.isPlaying || !isThere || figure.isWiping,
        caption: `Wipe over the digit: what is hatched is not seen. The bars say how likely each label is for one who knows all other digits, and how many of ${SAMPLES} samples have it. On their way, samples count for each label as much as their states tell of it.`,
        alt: `A digit of ${SIDE} × ${SIDE} pixels, two bars for each label, and ${SHOWN} samples. ${told}`,
      };
    },

    toAddress(figure, state) {
      if (figure.controls.chosen.seen === YOURS) state.set("pixels", lettersOf(figure.seen));
    },

    fromAddress(figure, asked) {
      figure.own = seenOf(asked.get("pixels") ?? "");
      takeChosen(figure);
    },
  };

  /** What is seen is what is chosen: of the reader's own, what there was last, or at first all of it. */
  function takeChosen(figure) {
    const [, , isSeen] = SEEN[figure.controls.chosen.seen];
    figure.seen = isSeen ? pixels(isSeen) : (figure.own ?? pixels(() => true));
  }
})();
