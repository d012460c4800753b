// A reader's hands and eyes, in every page that a test opens. `live` is the figure that is read.
"use strict";

window.probe = (() => {
  /** No condition takes longer to come true, on any machine, unless something is wrong. */
  const PATIENCE = 120_000;
  /** What a page puts off for so many milliseconds, it puts off until its reader has come to rest. */
  const AT_REST = 500;
  // Those of the browser, whatever a test puts in their place.
  const setTimeout = window.setTimeout.bind(window);
  const clearTimeout = window.clearTimeout.bind(window);
  const now = performance.now.bind(performance);

  const frame = () => new Promise(requestAnimationFrame);
  const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

  /** Waits for what is to come true, and says whether it did. */
  const until = async (isSo) => {
    const end = now() + PATIENCE;
    while (!isSo()) {
      if (now() > end) return false;
      await pause(5);
    }
    return true;
  };

  /** Whether a worker is still recording what the reader has asked to see. */
  const isRecording = ({ tape, lessons, error } = {}) =>
    Boolean(tape?.run && lessons && !error && tape.isWanted && tape.states.length <= tape.place);

  /** Waits until what was changed is drawn, and, where a figure draws in several steps, the last of them. */
  const drawn = async () => {
    do {
      await frame();
      await frame();
    } while (window.live?.pending || isRecording(window.live));
  };

  /** Waits until the page has done what it does by itself after it was loaded. */
  const idle = () => new Promise((done) => requestIdleCallback(() => done(0)));

  let since;

  /** Notes what moves on the page from now on: `probe.shifts`. */
  const watchShifts = () => {
    since = now();
    probe.shifts = [];
  };

  /** Makes a figure the one that is read, scrolls to it, and notes what moves on the page. */
  const approach = (kind) => {
    const note = ({ startTime, value, sources }) => {
      if (startTime > since) probe.shifts.push(`${value} ${sources.map(({ node }) => beginOf(node)).join()}`);
    };
    watchShifts();
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type: "layout-shift" });
    window.live = document.querySelector(`live-figure[kind=${kind}]`);
    live.scrollIntoView();
    // One that loads much waits for its reader to press something.
    if (live.kind?.loads) live.click();
  };

  /** Scrolls to the end, as fast as figures and pictures notice. */
  const scrollThrough = async () => {
    for (let y = 0; y < document.body.scrollHeight; y += 800) {
      scrollTo(0, y);
      await frame();
      await frame();
    }
  };

  /** While the pictures are on their way: whether the figure is alive, and whether the static one is as large as its
   * place, and seen. */
  const stillInPlace = () => {
    const [still, stage] = [live.querySelector(".stage > a"), live.querySelector(".stage")];
    const { height } = still.getBoundingClientRect();
    const isInPlace = height > 60 && height === stage.getBoundingClientRect().height;
    return [live.hasAttribute("alive"), isInPlace, still.checkVisibility()];
  };

  /** When they don't come: whether nothing but the static figure is left, as large as ever, and seen. */
  const onlyStill = () => [
    !live.querySelector("input, button, canvas"),
    live.querySelector("a > *").getBoundingClientRect().width > 600,
    live.querySelector("a").checkVisibility(),
  ];

  const beginOf = (node) => (node?.outerHTML ?? node?.textContent ?? "").slice(0, 80);

  const field = (name) => live.controls.fields[name];

  /** Moves a slider. */
  const set = (name, value) => {
    const { slider } = field(name);
    slider.value = value;
    slider.dispatchEvent(new Event("input"));
    return drawn();
  };

  /** Types a number beside a slider. */
  const write = (name, value) => {
    const { field: input } = field(name);
    input.value = value;
    input.dispatchEvent(new Event("change"));
    return drawn();
  };

  const click = (text) => {
    const button = [...live.querySelectorAll("button")].find(({ textContent }) => textContent === text);
    if (!button) throw new Error(`there is no button "${text}"`);
    button.click();
    return drawn();
  };

  const input = (element, value, event) => {
    element.value = value;
    element.dispatchEvent(new Event(event));
    return drawn();
  };

  /** Where in the window a part of an element is, across and down. */
  const partOf = (element, across, down) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return [left + across * width, top + down * height];
  };

  /** Where the pictures begin, and what they are made with, below the top of the figure. */
  const tops = () =>
    [live.pictures, live.controls.panel].map((part) => Math.round(partOf(part, 0, 0)[1] - partOf(live, 0, 0)[1])).join();

  /** Shows what a reader takes away, which is folded at first. */
  const unfold = (isOpen) => {
    live.querySelectorAll("details").forEach((details) => (details.open = isOpen));
    return drawn();
  };

  /** Where in the window a value of a plot is. */
  const placeOf = (plot, value) => {
    const [left, top] = partOf(plot.svg, 0, 0);
    const [x, y] = plot.at(value);
    return [left + x, top + y];
  };

  const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

  /** Hands a file to the figure, as a reader drops one on it. */
  const handOver = async (name, base64, type) => {
    await live.controls.take(new File([bytesOf(base64)], name, { type }));
    return live.controls.message.textContent;
  };

  /** Has the browser take anything for a picture, as some browsers do. */
  const decodeAnything = () => {
    const decode = window.createImageBitmap.bind(window);
    window.createImageBitmap = (file, options) =>
      decode(file, options).catch(() => decode(new ImageData(40, 30)));
  };

  /** What a picture of the figure shows, as red, green, blue and opacity. */
  const pixels = (place) => {
    const { canvas, context } = live.frames[place];
    let text = "";
    for (const byte of context.getImageData(0, 0, canvas.width, canvas.height).data) text += String.fromCharCode(byte);
    return btoa(text);
  };

  /** All that a figure shows: what it tells, its pictures and its plots. */
  const shown = () => {
    const canvases = [...live.querySelectorAll("canvas")];
    const plots = [...live.querySelectorAll(".live-plot")].map((plot) => plot.innerHTML);
    return [live.status.textContent, ...canvases.map((canvas) => canvas.toDataURL()), ...plots].join("\n");
  };

  const texts = (selector, within = live) => [...within.querySelectorAll(selector)].map((e) => e.textContent);

  /** Gives a guess, and returns what is said of it. */
  const guess = (guess) => {
    const { field, form, choices } = live.guess;
    if (choices) {
      choices.find(({ textContent }) => textContent === guess).click();
    } else {
      input(field, guess, "input");
      form.requestSubmit();
    }
    return live.guess.verdict.textContent;
  };

  /** Whether there is something to be guessed. */
  const asks = () => live.guess.answers.checkVisibility({ visibilityProperty: true });

  /** Notes what there is after each drawing from now on: `probe.seen`. */
  const watch = (look) => {
    probe.seen = [];
    const update = live.update.bind(live);
    live.update = () => {
      update();
      probe.seen.push(look());
    };
  };

  /** A clock of its own for the page, which goes on by so many milliseconds whenever it is asked: then what is done in
   * slices of time takes as many of them on every machine. */
  const tick = (milliseconds) => {
    let time = now();
    performance.now = () => (time += milliseconds);
  };

  /** Counts how often the page gets a turn: `probe.turns`. */
  const countTurns = () => {
    probe.turns = 0;
    const turn = () => {
      probe.turns += 1;
      setTimeout(turn);
    };
    turn();
  };

  /** What happens when the reader looks at another tab, and comes back. */
  const hide = (hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  };

  /** Keeps what the page wants to do when its reader has come to rest, until `rest` is called. */
  const holdTimers = () => {
    const held = new Map();
    window.setTimeout = (run, delay = 0, ...values) => {
      if (delay < AT_REST) return setTimeout(run, delay, ...values);
      const timer = -1 - held.size;
      held.set(timer, run);
      return timer;
    };
    window.clearTimeout = (timer) => held.delete(timer) || clearTimeout(timer);
    probe.rest = () => {
      Object.assign(window, { setTimeout, clearTimeout });
      held.forEach((run) => run());
      return frame();
    };
  };

  /** Keeps what is played until the next `beat`, which would come after `delay` milliseconds; without one, nothing is played
   * any more. */
  const holdBeats = () => {
    const HELD = -1;
    window.setInterval = (run, delay) => {
      probe.delay = delay;
      probe.beat = () => {
        run();
        return drawn();
      };
      return HELD;
    };
    window.clearInterval = () => {
      probe.beat = undefined;
    };
  };

  /** Has all pictures loaded, those far from the window, too. */
  const loadAllPictures = () =>
    Promise.all([...document.images].map((image) => {
      image.loading = "eager";
      return image.decode().catch(() => {});
    })).then(() => 0);

  /** The rules of axe-core that depend on the width of the page or on its colours. */
  const LOOKS = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"];

  /** What axe-core finds serious or critical in an element, by all of its rules or by these. */
  const axe = async (element, runOnly) => {
    // The pages' policy refuses to load their styles a second time.
    const options = { preload: false, resultTypes: ["violations"], ...(runOnly && { runOnly }) };
    const { violations } = await window.axe.run(element, options);
    const where = ({ html, any }) => `${html.slice(0, 120)} ${any[0]?.message ?? ""}`;
    return violations
      .filter(({ impact }) => ["serious", "critical"].includes(impact))
      .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map(where).join(" | ")}`);
  };

  return {
    approach, asks, axe, beginOf, click, countTurns, decodeAnything, drawn, field, frame, guess, handOver, hide,
    holdBeats, holdTimers, idle, input, loadAllPictures, LOOKS, onlyStill, partOf, pause, pixels, placeOf,
    scrollThrough, set, shown, stillInPlace, texts, tick, tops, unfold, until, watch, watchShifts, write,
  };
})();
