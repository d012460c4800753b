// What holds for each live figure. Each check says what is wrong, finds the figure as it is at first, and leaves it so.
"use strict";

window.checks = (() => {
  const { axe, beginOf, click, drawn, field, frame, guess, handOver, set, shown, texts, tops, unfold, until, write } = probe;

  const isKind = (...kinds) => kinds.includes(live.getAttribute("kind"));
  const box = (element) => element.getBoundingClientRect();
  /** The faults of a list of what has to be so. */
  const faultsOf = (conditions) => conditions.filter(([isSo]) => !isSo).map(([, fault]) => fault);

  /** The page stays where it is when the pictures come. */
  const movesNothing = () => probe.shifts;

  /** Every control changes what is shown, and Reset takes everything back. */
  const controls = async () => {
    const first = shown();
    const whole = state();
    const conditions = [];
    const reset = async (what) => {
      await click("Reset");
      conditions.push([shown() === first, `Reset leaves something of ${what}`]);
    };
    for (const name of Object.keys(live.controls.fields)) {
      const { min, max } = field(name);
      await write(name, live.controls.values[name] === max ? min : max);
      // Which step a hand is about to draw changes no picture.
      const isSilent = isKind("part-c") && name === "t";
      conditions.push([isSilent || shown() !== first, `${name} does nothing`]);
      await reset(name);
    }
    for (const { name, options } of live.kind.choices ?? []) {
      const { [name]: usual } = live.controls.chosen;
      for (const [number, [title]] of options.entries()) {
        if (number === usual) continue;
        await choose(name, number);
        conditions.push([state() !== whole, `${title} does nothing`]);
        await reset(title);
      }
    }
    await click("New noise");
    // Without any noise, other noise is the same.
    conditions.push([isKind("forward") || shown() !== first, "New noise does nothing"]);
    await reset("new noise");
    return faultsOf(conditions);
  };

  /** Chooses one of a list, as a reader does. */
  const choose = async (name, number) => {
    const list = live.querySelector(`select[name="${name}"]`);
    if (list) return probe.input(list, number, "change");
    const { options } = live.kind.choices.find((choice) => choice.name === name);
    live.controls.named[options[number][0]].click();
    await drawn();
  };

  /** By all rules, or by those that depend on the width of the page or on its colours. For any part of a page, axe-core
   * looks through all of it: so nothing else is left of the chapter. */
  const accessible = async (ofLooks) => {
    for (let part = live; !part.matches("main"); part = part.parentElement) {
      for (const other of [...part.parentElement.children]) if (other !== part) other.remove();
    }
    await unfold(true);
    // Not under the menu bar, whose buttons would cover what is there.
    live.scrollIntoView();
    return axe(live, ofLooks && probe.LOOKS);
  };

  /** A slider that is dragged is read aloud once, when it rests; the alternative text follows. */
  const announcement = async () => {
    const alternative = () => live.pictures.getAttribute("aria-label");
    const before = alternative();
    const heard = [];
    const listener = new MutationObserver(() => heard.push(live.heard.textContent));
    listener.observe(live.heard, { childList: true });
    // Part C's t only chooses a step.
    const moves = (name) => field(name).slider.isConnected && (name !== "t" || !isKind("part-c"));
    const name = Object.keys(live.controls.fields).find(moves);
    probe.holdTimers();
    const ends = live.controls.values[name] === field(name).max ? ["max", "min"] : ["min", "max"];
    for (const end of [...ends, ...ends]) await set(name, field(name).slider[end]);
    const early = [...heard];
    await probe.rest();
    listener.disconnect();
    const after = alternative();
    const regions = live.querySelectorAll("output, [aria-live], [role=status], [role=alert]").length;
    const faults = faultsOf([
      [early.length === 0, `read aloud before ${name} rests: ${early}`],
      [`${heard}` === live.status.textContent, `read aloud for one move of ${name}: ${heard}`],
      [regions === 2, `${regions} regions are read aloud`],
      [after !== before, "the alternative text doesn't follow"],
      [after.length > 60, `the alternative text is short: ${after}`],
    ]);
    await click("Reset");
    return faults;
  };

  /** At no place of a slider is a number told with the rest of a computation behind it, a nothing with a sign, or a per
   * cent sign that a line may begin with.
   * (The line of Rust of a drawn schedule is exact, and for a compiler.) */
  const numbers = async () => {
    const PLACES = 40;
    const WRONG = /\d\.\d{8,}|(?<![\d.e])[-−]0\.?0*(?![\d.])|\d+ %/g;
    const wrong = new Set();
    for (const [name, { slider }] of Object.entries(live.controls.fields)) {
      const [min, max, step] = ["min", "max", "step"].map((of) => Number(slider[of]));
      for (let place = 0; place <= PLACES; place += 1) {
        slider.value = min + Math.round((place * (max - min)) / PLACES / step) * step;
        slider.dispatchEvent(new Event("input"));
        live.update();
        const told = [live.status, live.caption].map((element) => element.textContent);
        told.push(...texts(".live-plot text, .legend span"));
        told.push(live.controls.command.textContent.replace(/^let .*/, ""));
        told.push(live.pictures.getAttribute("aria-label"), slider.getAttribute("aria-valuetext"));
        for (const found of told.join(" ").match(WRONG) ?? []) wrong.add(`${name}: ${found}`);
      }
      await live.controls.reset();
    }
    await drawn();
    return [...wrong];
  };

  /** The picture and what moves it are in one view; where there is room, with what is told of it. */
  const oneView = async (isTold) => {
    await drawn();
    const { main, panel } = live.controls;
    const mover = main.isConnected ? main : panel.querySelector(".input");
    const seen = [live.pictures, mover, ...(isTold ? [live.status] : [])].map(box);
    const bar = box(document.querySelector("#mdbook-menu-bar")).height;
    const needed = Math.max(...seen.map(({ bottom }) => bottom)) - Math.min(...seen.map(({ top }) => top)) + bar;
    const window = `${innerWidth} × ${innerHeight}`;
    return faultsOf([[needed <= innerHeight, `${needed} pixels are needed in a window of ${window}`]]);
  };

  /** What is told is told once: the caption says what there is to see, and the status what is so now. */
  const saidOnce = async () => {
    const faults = [];
    const compare = () => {
      const sentences = (element) => element.textContent.split(/(?<=[.:]) /);
      const caption = sentences(live.caption);
      faults.push(...sentences(live.status).filter((told) => caption.includes(told)).map((told) => `said twice: ${told}`));
    };
    compare();
    const [name] = Object.keys(live.controls.fields);
    await set(name, field(name).slider.max);
    compare();
    await click("Reset");
    return faults;
  };

  /** What is recorded is played in about six seconds, in as many beats as there are, at the place where the reader looks; and
   * scrubbed, and played again, it is the same. */
  const played = async () => {
    const { tape } = live;
    if (!tape) return [];
    live.scrollIntoView();
    await until(() => tape.isSeen);
    const first = shown();
    // Where on the slider a place of the tape is: time can run down on it.
    const placeAt = (place) => field(tape.input).placeOf(tape.valueAt(place));
    const { setInterval, clearInterval } = window;
    await set(tape.input, placeAt(0));
    probe.holdBeats();
    const button = live.controls.named[tape.button];
    button.click();
    await drawn();
    const places = [tape.place];
    while (probe.beat && (await until(() => tape.states.length > tape.place + 1))) {
      await probe.beat();
      places.push(tape.place);
    }
    await drawn();
    const seconds = ((places.length - 1) * probe.delay) / 1000;
    const end = shown();
    const said = button.textContent;
    await set(tape.input, placeAt(0));
    const start = shown();
    await set(tape.input, placeAt(tape.last));
    const again = shown();
    button.click();
    await drawn();
    const isPlayedAgain = tape.isPlaying && tape.place === 0;
    await probe.beat();
    const beaten = tape.place;
    await set(tape.input, placeAt(0));
    const isHeld = !tape.isPlaying && probe.beat === undefined;
    Object.assign(window, { setInterval, clearInterval });
    // Before anything of it is recorded.
    live.restart();
    await set(tape.input, placeAt(tape.last));
    await until(() => tape.states.length > tape.last);
    await drawn();
    const early = shown();
    await click("Reset");
    return faultsOf([
      [places.every((place, beat) => !beat || place > places[beat - 1]), `it doesn't go on: ${places}`],
      [places.at(-1) === tape.last, `it ends at ${places.at(-1)} of ${tape.last}`],
      [4 <= seconds && seconds <= 7, `it is played in ${seconds} s`],
      [said === "Again", `at the end, the button says ${said}`],
      [start !== end, "scrubbed, it shows the same"],
      [again === end, "scrubbed, its end is another one"],
      [early === end, "scrubbed before it is recorded, its end is another one"],
      [isPlayedAgain && beaten > 0, "it is not played again"],
      [isHeld, "who scrubs doesn't hold it"],
      [shown() === first, "Reset leaves something of what was played"],
    ]);
  };

  /** The text spacing of WCAG 1.4.12. */
  const SPACING = `live-figure * { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important }`;

  /** Shows a picture with a long name, where the figure takes pictures. */
  const showLongName = async () => {
    if (!live.kind.side) return;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 8;
    canvas.getContext("2d").fillRect(0, 0, 8, 8);
    const [, base64] = canvas.toDataURL().split(",");
    await handOver(`${"a_name_".repeat(40)}.png`, base64, "image/png");
  };

  /** Nothing sticks out of the figure or is cut off in it, with the text spacing of WCAG 1.4.12, too. */
  const nothingClipped = async () => {
    const spacing = document.createElement("style");
    document.head.append(spacing);
    const faults = [];
    for (const [text, isOpen] of [["", false], ["", true], [SPACING, true]]) {
      spacing.textContent = text;
      await unfold(isOpen);
      faults.push(...clipped().map((fault) => `${innerWidth} pixels${text && ", with text spacing"}: ${fault}`));
    }
    spacing.remove();
    await unfold(false);
    return faults;
  };

  const clipped = () => {
    const faults = [];
    const of = box(live);
    const page = document.documentElement;
    if (page.scrollWidth > page.clientWidth) faults.push("the page scrolls sideways");
    for (const element of live.querySelectorAll("*")) {
      // What is only heard, and what is not there.
      if (element.matches(".heard, .mark, .stage > a, .stage > a *") || !element.checkVisibility()) continue;
      const { left, right } = box(element);
      if (left < of.left - 1 || right > of.right + 1) faults.push(`out: ${beginOf(element)}`);
      const hides = /hidden|clip/.test(getComputedStyle(element).overflow) && !(element instanceof SVGElement);
      const isLarger = element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight;
      if (hides && isLarger) faults.push(`clipped: ${beginOf(element)}`);
    }
    for (const text of live.querySelectorAll(".live-plot text")) {
      const [inner, plot] = [text, text.ownerSVGElement].map(box);
      const isIn = inner.left >= plot.left - 1 && inner.right <= plot.right + 1 && inner.bottom <= plot.bottom + 1;
      if (!isIn) faults.push(`cut: ${text.textContent}`);
    }
    return faults;
  };

  /** Fingers hit what they aim at, and no place of a slider is too fine for them. */
  const fingers = async () => {
    await unfold(true);
    // A phone zooms in on smaller letters that are typed.
    const typed = [...live.querySelectorAll("input[type=number], select, textarea")];
    const tiny = typed.filter((element) => parseFloat(getComputedStyle(element).fontSize) < 16);
    const small = [...live.querySelectorAll("button, input")].filter((element) => box(element).height < 44);
    const isTooFine = ({ slider }) => slider.isConnected && (slider.max - slider.min) / slider.step > 200;
    const fine = Object.values(live.controls.fields).filter(isTooFine);
    await unfold(false);
    return [
      ...small.map((element) => `too small: ${beginOf(element)}`),
      ...tiny.map((element) => `small letters: ${beginOf(element)}`),
      ...fine.map(({ slider }) => `too fine: ${beginOf(slider)}`),
    ];
  };

  /** Axes have numbers and names, the legend covers nothing, and the plot is as wide as its place. */
  const plots = async () => {
    await drawn();
    return [...live.querySelectorAll(".plot-and-legend")].filter((plot) => plot.checkVisibility()).flatMap((plot) => {
      const [legend, svg] = [...plot.children].map(box);
      const labels = texts("text:not(.of-line)", plot);
      const ofLines = [...plot.querySelectorAll(".of-line")];
      const overlaps = (one, other) => {
        const [a, b] = [box(one), box(other)];
        return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
      };
      const covered = ofLines.flatMap((one, place) => ofLines.slice(place + 1).filter((other) => overlaps(one, other)));
      const numbers = labels.filter((label) => label !== "" && !isNaN(label));
      return faultsOf([
        [!legend.height || legend.bottom <= svg.top + 0.5, "the legend covers the plot"],
        [numbers.length >= 6, `few numbers: ${labels}`],
        [labels.filter(isNaN).length === 2, `not two names: ${labels}`],
        [covered.length === 0, `names of lines overlap: ${covered.map(({ textContent }) => textContent)}`],
        [ofLines.every((label) => box(label).top >= svg.top && box(label).right <= svg.right + 0.5), "a line's name leaves the plot"],
        [svg.right <= innerWidth, "a plot is too wide"],
        [svg.width >= 250, "a plot is narrow"],
      ]);
    });
  };

  /** Without a question are these kinds: what they show has no answer that could be wrong. */
  const ASKS_NOTHING = ["draw", "forward", "part-g", "part-h-digits", "part-i-digits", "part-k", "part-l", "part-n", "part-n-guidance"];

  /** Puts the keyboard where a guess is typed or chosen; says whether there is such a place. */
  const focusGuess = () => {
    if (!live.guess) return false;
    checks.tops = tops();
    probe.watchShifts();
    (live.guess.field ?? live.guess.choices[0]).focus();
    return true;
  };

  /** A guess needs no mouse, and whatever is said of it moves nothing. */
  const guessed = async () => {
    if (!live.guess) return faultsOf([[isKind(...ASKS_NOTHING), "asks nothing that can be checked"]]);
    const conditions = [
      [live.guess.verdict.textContent !== "", "nothing is said of a guess by keyboard"],
      [!live.previousElementSibling.textContent.includes("?"), "the chapter asks something, too"],
    ];
    const check = (what) => conditions.push([tops() === checks.tops, `${what} moves the picture`]);
    check(live.guess.verdict.textContent);
    // The longest of what can be said here has its room, too.
    for (const answer of live.guess.choices?.map((choice) => choice.textContent) ?? ["-1", "1"]) check(guess(answer));
    if (live.guess.field) {
      await click("Tell me");
      const { textContent } = live.guess.verdict;
      conditions.push([textContent.startsWith(live.guess.later ?? "The answer: "), `told is: ${textContent}`]);
      check(textContent);
    }
    await drawn();
    conditions.push(...probe.shifts.map((shift) => [false, `the page moves: ${shift}`]));
    await click("Reset");
    return faultsOf(conditions);
  };

  /** Brings the figure to a state that is its own. */
  const changeSomething = async () => {
    if (isKind("part-c")) {
      await set("t", 3);
      await set("beta", 0.5);
    } else {
      const [name] = Object.keys(live.controls.fields);
      await set(name, field(name).slider.max);
    }
    await click("New noise");
  };

  /** All that a link leads back to. */
  const state = () => [shown(), live.caption.textContent, live.controls.command.textContent].join("\n");

  return {
    accessible, announcement, changeSomething, controls, fingers, focusGuess, guessed, movesNothing, nothingClipped,
    numbers, oneView, played, plots, saidOnce, showLongName, state,
  };
})();
