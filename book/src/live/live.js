// Live figures: <live-figure kind="part-a"> around a static figure becomes a figure that answers.
//
// Until its first picture is ready, and wherever scripts don't run, the static figure stands there.
// This file has the figure itself; `controls.js` has what a reader moves and takes away, `guess.js` his
// guess, `plot.js` draws curves and `plane.js` points. What is not needed at first is loaded later: `lessons.js` with
// the first figure that begins, and `picture.js` with a picture of the reader's own. Each kind is a file
// of its own beside this one, which names its inputs, its pictures and its outputs, and registers itself in
// `window.liveKinds`. Nothing in these scripts computes noise or a schedule: the module does, made of the chapters' own crates.
"use strict";

(() => {
  // The page for printing has the figures, and so this script, of all chapters.
  if (window.liveParts.isThere) return;
  window.liveParts.isThere = true;
  const here = document.currentScript.src.replace(/[^/]*$/, "");
  /** A figure begins when it is so near to the window. */
  const NEAR = "1200px 0px";
  /** The reader has let go of a slider after so many milliseconds. */
  const AT_REST = 700;
  /** So long, in milliseconds, the pictures may take before the static one is loaded, too, which takes from their speed. */
  const SOON = 1200;
  const { element, say, Controls } = window.liveParts;

  const loaded = {};

  /** Loads a script, once. What could not be loaded can be asked for again. */
  const loadOnce = (name) =>
    (loaded[name] ??= new Promise((done, failed) => {
      const script = element("script", { src: `${here}${name}.js`, onload: done });
      script.onerror = () => {
        script.remove();
        delete loaded[name];
        failed(new Error(`cannot load ${name}.js`));
      };
      document.head.append(script);
    }));

  /** All that a kind of figure needs when it begins is on its way at the same time. */
  const loadFor = ({ module = "part-one", side, network }) => {
    const needed = ["lessons", module, side && `mandrill-${side}`, network];
    return Promise.all(needed.filter(Boolean).map(loadOnce));
  };

  /** All figures of the page, alive or not yet. */
  const figures = new Set();

  class LiveFigure extends HTMLElement {
    connectedCallback() {
      if (!window.WebAssembly || !window.DecompressionStream || !window.IntersectionObserver) return;
      if (this.kind) return;
      this.kind = window.liveKinds[this.getAttribute("kind")];
      this.seed = 0;
      this.tapes = [];
      /** What needs the lessons can wait for them. */
      this.there = new Promise((done) => (this.isThere = done));
      this.build();
      figures.add(this);
      this.holdStill();
      if (!this.kind.loads) this.fetchWhenRead();
      const begin = () => this.begin().catch((error) => this.giveUp(error));
      if (this.kind.waits) this.whenWanted(begin);
      else this.whenNear(begin);
    }

    /** The static picture is left for later, and loaded only if the figure comes into view before it is alive. */
    holdStill() {
      const pictures = [...this.still.querySelectorAll("img")];
      // A browser that has begun with it should end it.
      if (!pictures.length || this.getBoundingClientRect().top < innerHeight + 1300) return;
      const addresses = pictures.map(({ src }) => src);
      for (const picture of pictures) picture.removeAttribute("src");
      const show = () => {
        inView.disconnect();
        pictures.forEach((picture, place) => (picture.src ||= addresses[place]));
      };
      const inView = new IntersectionObserver(
        (entries) => entries.some((entry) => entry.isIntersecting) && setTimeout(() => this.hasAttribute("alive") || show(), SOON),
        { rootMargin: "100px 0px" },
      );
      inView.observe(this);
      this.showStill = show;
      addEventListener("beforeprint", show);
    }

    /** Who scrolls, reads, and will come by: what the figure needs is fetched then, and does not have to be waited for. */
    fetchWhenRead() {
      const fetch = () => loadFor(this.kind).catch(() => {});
      const whenIdle = window.requestIdleCallback ?? setTimeout;
      if (!navigator.connection?.saveData) addEventListener("scroll", () => whenIdle(fetch), { once: true });
    }

    /** A figure at the top of a page would be loaded for everybody who only passes: it begins when somebody scrolls, or
     * reaches for it; and a large one, when somebody presses or moves something in it, or has followed a link to it. */
    whenWanted(begin) {
      const { loads } = this.kind;
      const wanted = new AbortController();
      const once = () => {
        if (wanted.signal.aborted) return;
        wanted.abort();
        if (loads) this.status.textContent = loads;
        this.whenNear(begin);
      };
      const reaches = loads ? [] : ["pointerenter", "pointerdown", "focusin", "dragenter"];
      for (const event of [...reaches, "click", "input"]) this.addEventListener(event, once, { signal: wanted.signal });
      if (!loads) addEventListener("scroll", once, { once: true, signal: wanted.signal });
      const onceLinked = () => (!loads || this.controls.isLinked) && once();
      addEventListener("hashchange", onceLinked, { signal: wanted.signal });
      if (loads) onceLinked();
    }

    whenNear(begin) {
      const near = new IntersectionObserver(
        (entries) => {
          if (!entries.some((entry) => entry.isIntersecting)) return;
          near.disconnect();
          begin();
        },
        { rootMargin: NEAR },
      );
      near.observe(this);
    }

    /** All but the pictures is there at once, so that nothing moves when they come. */
    build() {
      this.figure = this.querySelector("figure");
      this.still = this.figure.querySelector(":scope > a");
      this.controls = new Controls(this, this.kind);
      this.pictures = element("div", { className: "pictures" });
      this.pictures.setAttribute("role", "img");
      this.pictures.setAttribute("aria-hidden", "true");
      this.frames = (this.kind.frames ?? []).map((name) => this.addFrame(name));
      const stage = element("div", { className: "stage" }, this.pictures);
      this.status = element("p", { className: "status", textContent: this.kind.waits ?? "One moment: the pictures are on their way." });
      this.plots = element("div", { className: "plots" });
      this.heard = element("p", { className: "heard" });
      this.heard.setAttribute("role", "status");
      const { main, panel, actions } = this.controls;
      this.body = element("div", { className: "body" }, stage, panel, this.status, this.plots);
      this.still.before(this.body, actions, this.heard);
      if (main.childElementCount) stage.after(main);
      stage.append(this.still);
      this.kind.build?.(this);
      // An image has nothing in it that can be reached.
      if (this.pictures.querySelector("[tabindex]")) this.pictures.setAttribute("role", "group");
      if (this.kind.guess) this.guess = new window.liveParts.Guess(this, this.kind.guess);
      if (this.guess) this.body.before(this.guess.form);
      this.controls.follow();
      this.showChosen();
      this.caption = this.figure.querySelector("figcaption > p");
      this.stillCaption = [...this.caption.childNodes];
      this.caption.id = `${this.getAttribute("kind")}-caption`;
      this.setAttribute("role", "group");
      this.setAttribute("aria-labelledby", this.caption.id);
      // Arrows belong to the sliders here, and don't turn the page.
      this.addEventListener("keydown", (event) => {
        if (event.key.startsWith("Arrow")) event.stopPropagation();
      });
      this.setAttribute("built", "");
    }

    /** A place for a picture, with its name under it. */
    addFrame(name, className = "") {
      const { side } = this.kind;
      const canvas = element("canvas", { width: side, height: side });
      const caption = element("span", { className: "name", textContent: name || "\u00a0" });
      this.pictures.append(element("div", { className: `frame ${className}` }, canvas, caption));
      return { canvas, caption, context: canvas.getContext("2d") };
    }

    /** A heading over the frames that follow. */
    addRow(name) {
      this.pictures.append(element("span", { className: "row-name", textContent: name }));
    }

    async begin() {
      const { module = "part-one", side, network, loads } = this.kind;
      const all = loadFor(this.kind);
      await loadOnce("lessons");
      const { lessonsOf, mandrill, learned } = window.liveParts;
      const [lessons, bytes, pixels] = await Promise.all([lessonsOf(module), network && learned(network), side && mandrill(side), all]);
      if (side) lessons.use(side, pixels);
      this.number = lessons.begin(this.getAttribute("kind"));
      this.lessons = lessons;
      this.learned = bytes;
      // What is large, a worker gets.
      if (network && !loads) this.learn(bytes);
      this.kind.begin?.(this);
      this.update();
      this.pictures.removeAttribute("aria-hidden");
      this.setAttribute("alive", "");
      this.isThere();
    }

    /** Begins anew with what is chosen now: whatever is under way ends. Before the lessons are there, it is what they will
     * begin with. */
    restart() {
      this.halt();
      if (this.lessons) this.kind.begin?.(this);
    }

    /** What is under way ends. */
    halt() {
      this.job?.end();
      this.job = undefined;
      for (const tape of this.tapes) tape.hold();
    }

    /** The reader has moved or chosen what has this name. */
    changed(name) {
      const tape = this.tapes.find(({ input }) => input === name);
      tape?.hold();
      if (tape) this.kind.scrubbed?.(this, name);
      else this.kind.changed?.(this, name);
    }

    /** Hands in what a trained network has learned. */
    learn(bytes) {
      this.lessons.give(bytes);
      this.call("network");
    }

    /** Calls a method that the module has for this figure, and returns its numbers. */
    call(method, ...values) {
      return this.lessons.call(this.number, method, ...values);
    }

    /** The static figure is all that remains. */
    giveUp(error) {
      console.warn(error);
      figures.delete(this);
      this.showStill?.();
      this.body.before(this.still);
      const parts = [this.body, this.controls.actions, this.heard];
      for (const part of [...parts, ...(this.guess ? [this.guess.form] : [])]) part.remove();
      this.removeAttribute("built");
    }

    /** Draws once before the next frame, however often a slider moves. */
    schedule() {
      this.pending ??= requestAnimationFrame(() => {
        this.pending = undefined;
        this.update();
      });
    }

    update() {
      if (!this.lessons) return this.showChosen();
      const start = performance.now();
      const values = { ...this.controls.values };
      this.controls.show();
      try {
        const { told, caption, alt, isPassing } = this.kind.draw(this, values);
        say(this.controls.message, "");
        this.showCommand();
        say(this.status, told);
        say(this.caption, caption);
        this.pictures.setAttribute("aria-label", alt);
        this.tellAtRest(told, isPassing);
        this.guess?.show();
      } catch (error) {
        this.controls.message.textContent = `With these values there is no picture: ${error.message}.`;
      }
      this.work = performance.now() - start;
    }

    /** All that can be shown of what the reader has chosen without the lessons. */
    showChosen() {
      this.controls.show();
      this.showCommand();
      this.guess?.show();
      this.kind.sketch?.(this);
    }

    showCommand() {
      say(this.controls.command, this.kind.command?.(this.controls.values, this) ?? "");
    }

    /** Read aloud when the reader has let go, and not before: one sentence for one change. What passes by itself is not. */
    tellAtRest(sentence, isPassing) {
      clearTimeout(this.telling);
      if (isPassing) return;
      // What a figure tells at first is there to be read, like all else on the page.
      if (!this.hasAttribute("alive")) this.lastTold = sentence;
      if (sentence === this.lastTold) return;
      this.telling = setTimeout(() => (this.heard.textContent = this.lastTold = sentence), AT_REST);
    }

    /** Puts states of the last call into the places from `first` on: a number each. */
    show(states, first = 0) {
      this.put(states.map((number) => this.lessons.frame(this.kind.side, number)), first);
    }

    /** Puts pictures into the places from `first` on. */
    put(pictures, first = 0) {
      pictures.forEach((picture, place) => this.frames[first + place].context.putImageData(picture, 0, 0));
    }

    name(names, first = 0) {
      // One that has none keeps its place.
      names.forEach((name, place) => say(this.frames[first + place].caption, name || "\u00a0"));
    }

    /** The picture, in a sentence. */
    get subject() {
      return window.liveParts.picture ? "Your picture" : "The mandrill";
    }

    /** A number with so many decimals; what rounds to nothing has no sign. */
    rounded(number, digits) {
      return number.toFixed(digits).replace(/^-(0\.0+)$/, "$1");
    }

    /** Four numbers of a state, as a phrase. */
    moments([mean, std, expectedMean, expectedStd]) {
      const rounded = (number) => this.rounded(number, 4);
      return `mean ${rounded(mean)} (predicted ${rounded(expectedMean)}), standard deviation ${rounded(std)} (predicted ${rounded(expectedStd)})`;
    }

    /** What a shell needs to make the pictures of this figure, in all but its own flags. */
    run(crate, flags) {
      const { picture } = window.liveParts;
      const image = picture ? ` --image=${quoted(picture.file.name)}` : "";
      const seed = this.seed ? ` --seed ${this.seed}` : "";
      return `cargo run -p ${crate} --${image} ${flags} --size ${this.kind.side}${seed}`;
    }
  }

  /** From now on, all figures of the page that show a picture show this one; without one, the mandrill. */
  const usePicture = (picture) => {
    window.liveParts.picture = picture;
    const all = [...figures].filter((figure) => figure.kind.side);
    for (const lessons of new Set(all.map((figure) => figure.lessons))) lessons?.usePicture();
    all.forEach((figure) => {
      figure.controls.namePicture();
      figure.kind.showPicture?.(figure, picture);
      figure.guess?.clear();
      figure.restart();
      figure.update();
    });
  };

  /** A word for a POSIX shell, whatever is in it. */
  const quoted = (word) => (/^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

  Object.assign(window.liveParts, { loadOnce, usePicture });

  // Not before the scripts of all kinds on the page have run, which is when the document is complete.
  const begin = () => customElements.define("live-figure", LiveFigure);
  if (document.readyState === "complete") begin();
  else addEventListener("DOMContentLoaded", begin, { once: true });
})();
