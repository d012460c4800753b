// Live figures: <live-figure kind="part-a"> around a static figure becomes a figure that answers.
//
// Until its first picture is ready, and wherever scripts don't run, the static figure stands there.
// This file has the figure itself and what it asks of the lessons; `controls.js` has what a reader
// moves and takes away, `guess.js` his guess, `plot.js` draws curves and `plane.js` points; `picture.js`,
// which takes a picture of his own, is loaded when there is one. Each kind is a file of its own beside this one, which
// names its inputs, its pictures and its outputs, and registers itself in `window.liveKinds`. Nothing
// in these scripts computes noise or a schedule: the module does, made of the chapters' own crates.
"use strict";

(() => {
  // The page for printing has the figures, and so this script, of all chapters.
  if (window.liveParts.isThere) return;
  window.liveParts.isThere = true;
  const here = document.currentScript.src.replace(/[^/]*$/, "");
  const REFUSALS = ["", "it is no picture", "there is no picture", "a value is out of its range"];
  /** A figure begins when it is so near to the window. */
  const NEAR = "1200px 0px";
  /** The reader has let go of a slider after so many milliseconds. */
  const AT_REST = 700;
  /** So long, in milliseconds, the pictures may take before the static one is loaded, too, which takes from their speed. */
  const SOON = 1200;
  const { element, Controls, Guess } = window.liveParts;

  /** What a function returned for each argument, so that it is called once. */
  const once = (call) => {
    const returned = new Map();
    return (argument) => {
      if (!returned.has(argument)) returned.set(argument, call(argument));
      return returned.get(argument);
    };
  };

  const load = (name) =>
    new Promise((done, failed) => {
      const script = element("script", { src: here + name, onload: done });
      script.onerror = () => failed(new Error(`cannot load ${name}`));
      document.head.append(script);
    });

  window.liveParts.load = load;

  const inflate = async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };

  /** The mandrill's pixels at this side. */
  const mandrill = once(async (side) => {
    await load(`mandrill-${side}.js`);
    return inflate(window.diffusionMandrill[`side${side}`]);
  });

  /** A trained network, as the file that the command loads. */
  const network = once(async (name) => {
    await load(`${name}.js`);
    return inflate(window.diffusionNetworks[name]);
  });

  /** A module: the chapters' own functions, and what they returned last. */
  class Lessons {
    static load = once(async (name) => {
      await load(`${name}.js`);
      const bytes = await inflate(window.diffusionLive[name].module);
      const { module, instance } = await WebAssembly.instantiate(bytes);
      return new Lessons(module, instance.exports);
    });

    /** The sides that figures of this page use, and the reader's own picture. */
    sides = new Set();
    picture = undefined;

    /** The compiled module, for a worker to have one of its own, and what this one exports. */
    constructor(module, exports) {
      this.module = module;
      this.exports = exports;
    }

    /** Makes the picture of this side ready: the mandrill, or the reader's own. */
    async use(side) {
      this.sides.add(side);
      this.put(side, await mandrill(side));
    }

    put(side, mandrill) {
      this.give(this.picture?.pixels.data ?? mandrill);
      if (this.picture) this.call("set_picture", this.picture.pixels.width, this.picture.pixels.height, side);
      else this.call("set_square", side);
    }

    /** From now on, all figures of the page show this picture; without one, the mandrill. */
    async usePicture(picture) {
      this.picture = picture;
      for (const side of this.sides) await this.use(side);
    }

    give(bytes) {
      const address = this.exports.input(bytes.length);
      new Uint8Array(this.exports.memory.buffer, address, bytes.length).set(bytes);
    }

    call(name, ...values) {
      const code = this.exports[name](...values);
      if (code) throw new Error(REFUSALS[code] ?? this.text());
    }

    /** A state of the last call, as pixels that a canvas can take at once. */
    frame(side, index) {
      this.call("frame", index);
      return this.image(side, side);
    }

    /** The pixels that the last call has made. */
    image(width, height) {
      const { memory, pixels, pixels_length } = this.exports;
      return new ImageData(new Uint8ClampedArray(memory.buffer, pixels(), pixels_length()), width, height);
    }

    /** Takes a trained network. */
    takeNetwork(bytes) {
      this.give(bytes);
      this.call("set_network");
    }

    /** What the last call says, if it says something. */
    text() {
      const { memory, text, text_length } = this.exports;
      return new TextDecoder().decode(new Uint8Array(memory.buffer, text(), text_length()));
    }

    numbers() {
      const { memory, numbers, numbers_length } = this.exports;
      return [...new Float64Array(memory.buffer, numbers(), numbers_length())];
    }
  }

  const alive = new Set();

  class LiveFigure extends HTMLElement {
    connectedCallback() {
      if (!window.WebAssembly || !window.DecompressionStream || !window.IntersectionObserver) return;
      if (this.kind) return;
      this.kind = window.liveKinds[this.getAttribute("kind")];
      this.seed = 0;
      this.build();
      this.holdStill();
      this.fetchWhenRead();
      const begin = () => this.begin().catch((error) => this.giveUp(error));
      if (this.kind.waits) this.whenWanted(begin);
      else this.whenNear(begin);
    }

    /** The static picture is left for later, and loaded only if the figure comes into view before it is alive. */
    holdStill() {
      const picture = this.still.querySelector("img");
      // A browser that has begun with it should end it.
      if (!picture || this.getBoundingClientRect().top < innerHeight + 1300) return;
      const address = picture.src;
      picture.removeAttribute("src");
      const show = () => {
        inView.disconnect();
        picture.src ||= address;
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
      const fetch = () => {
        const quiet = () => {};
        Lessons.load(this.module).catch(quiet);
        if (this.kind.side) mandrill(this.kind.side).catch(quiet);
        if (this.kind.network) network(this.kind.network).catch(quiet);
      };
      const whenIdle = window.requestIdleCallback ?? setTimeout;
      if (!navigator.connection?.saveData) addEventListener("scroll", () => whenIdle(fetch), { once: true });
    }

    /** A figure at the top of a page would be loaded for everybody who only passes: it begins when somebody scrolls, or
     * reaches for it. */
    whenWanted(begin) {
      const wanted = new AbortController();
      const once = () => {
        wanted.abort();
        this.whenNear(begin);
      };
      for (const event of ["pointerenter", "pointerdown", "focusin", "dragenter"]) {
        this.addEventListener(event, once, { signal: wanted.signal });
      }
      for (const event of ["scroll", "hashchange"]) addEventListener(event, once, { signal: wanted.signal });
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
      this.still.before(this.controls.inputs, stage);
      stage.append(this.still);
      this.status = element("p", { className: "status", textContent: this.kind.waits ?? "One moment: the pictures are on their way." });
      this.plots = element("div", { className: "plots" });
      this.heard = element("p", { className: "heard" });
      this.heard.setAttribute("role", "status");
      stage.after(this.status, this.plots, this.controls.actions, this.heard);
      this.kind.build?.(this);
      if (this.kind.guess) this.guess = new Guess(this, this.kind.guess);
      if (this.guess) this.controls.inputs.before(this.guess.form);
      this.showCommand();
      this.caption = this.figure.querySelector("figcaption > p");
      this.stillCaption = [...this.caption.childNodes];
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

    /** The one that has what the figure calls. */
    get module() {
      return this.kind.module ?? "part-one";
    }

    async begin() {
      const { side, network: name } = this.kind;
      // All are on their way at the same time.
      const [lessons, learned] = await Promise.all([Lessons.load(this.module), name && network(name), side && mandrill(side)]);
      if (side) await lessons.use(side);
      if (name) lessons.takeNetwork(learned);
      this.lessons = lessons;
      this.kind.begin?.(this);
      this.update();
      this.pictures.removeAttribute("aria-hidden");
      this.setAttribute("alive", "");
      alive.add(this);
    }

    /** The static figure is all that remains. */
    giveUp(error) {
      console.warn(error);
      this.showStill?.();
      this.still.parentElement.replaceWith(this.still);
      const parts = [this.controls.inputs, this.controls.actions, this.status, this.plots, this.heard];
      for (const part of [...parts, ...(this.guess ? [this.guess.form] : [])]) part.remove();
      this.removeAttribute("built");
    }

    /** Draws once before the next frame, however often a slider moves. */
    schedule() {
      if (!this.lessons) return this.guess?.show();
      this.pending ??= requestAnimationFrame(() => {
        this.pending = undefined;
        this.update();
      });
    }

    update() {
      const start = performance.now();
      const values = { ...this.controls.values };
      this.controls.show();
      try {
        const { told, caption, alt, isPassing } = this.kind.draw(this, values);
        this.controls.message.textContent = "";
        this.showCommand();
        this.status.textContent = told;
        this.caption.textContent = caption;
        this.pictures.setAttribute("aria-label", alt);
        this.tellAtRest(told, isPassing);
        this.guess?.show();
      } catch (error) {
        this.controls.message.textContent = `With these values there is no picture: ${error.message}.`;
      }
      this.work = performance.now() - start;
    }

    showCommand() {
      this.controls.command.textContent = this.kind.command?.(this.controls.values, this) ?? "";
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
      states.forEach((number, place) => {
        this.frames[first + place].context.putImageData(this.lessons.frame(this.kind.side, number), 0, 0);
      });
    }

    name(names, first = 0) {
      names.forEach((name, place) => (this.frames[first + place].caption.textContent = name));
    }

    /** The picture, in a sentence. */
    get subject() {
      return this.lessons.picture ? "Your picture" : "The mandrill";
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
      const picture = this.lessons?.picture ? ` --image=${quoted(this.lessons.picture.name)}` : "";
      const seed = this.seed ? ` --seed ${this.seed}` : "";
      return `cargo run -p ${crate} --${picture} ${flags} --size ${this.kind.side}${seed}`;
    }

    async usePicture(picture) {
      // Those of a page's figures, though they be of several Parts. One without a picture is nobody's business but its own.
      const figures = [...alive].filter((figure) => figure === this || (figure.kind.side && this.kind.side));
      const all = new Set(figures.map((figure) => figure.lessons));
      await Promise.all([...all].map((lessons) => lessons.usePicture(picture)));
      figures.forEach((figure) => {
        figure.kind.begin?.(figure);
        figure.guess?.clear();
        figure.update();
      });
    }
  }

  /** A word for a POSIX shell, whatever is in it. */
  const quoted = (word) => (/^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

  // Not before the scripts of all kinds on the page have run, which is when the document is complete.
  const begin = () => customElements.define("live-figure", LiveFigure);
  if (document.readyState === "complete") begin();
  else addEventListener("DOMContentLoaded", begin, { once: true });
})();
