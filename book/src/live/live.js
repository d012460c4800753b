// Live figures: <live-figure kind="part-a"> around a static figure becomes a figure that answers.
//
// Until it does, and wherever scripts don't run, the static figure stands there. This file has what
// all kinds share: loading, controls, the numbers told aloud, the reader's own picture. Each
// kind is a file of its own beside this one, and registers itself in `window.liveKinds`. Nothing here
// computes noise or a schedule: the module does, which is made of the chapters' own crates.
"use strict";

(() => {
  // The page for printing has the figures, and so this script, of all chapters.
  if (customElements.get("live-figure")) return;
  const here = document.currentScript.src.replace(/[^/]*$/, "");
  const SMALL = 96;
  const LARGE = 256;
  const MOST_BYTES = 64e6;
  const REFUSALS = ["", "it is no picture", "there is no picture", "an argument is out of its range"];
  window.liveKinds ??= {};

  const load = (name) =>
    new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = here + name;
      script.onload = done;
      script.onerror = () => failed(new Error(`cannot load ${name}`));
      document.head.append(script);
    });

  const inflate = async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };

  /** The module: the chapters' own functions, and what they returned last. */
  class Lessons {
    static async load() {
      await Promise.all([load("part-one.js"), load("mandrill.js")]);
      const module = await inflate(window.diffusionLive["part-one"].module);
      const { instance } = await WebAssembly.instantiate(module);
      const lessons = new Lessons(instance.exports);
      await lessons.useMandrill();
      return lessons;
    }

    constructor(exports) {
      this.exports = exports;
    }

    async useMandrill() {
      for (const side of [SMALL, LARGE]) {
        this.put(await inflate(window.diffusionMandrill[side]));
        this.call("set_square", side);
      }
    }

    put(bytes) {
      const address = this.exports.input(bytes.length);
      new Uint8Array(this.exports.memory.buffer, address, bytes.length).set(bytes);
    }

    call(name, ...values) {
      const code = this.exports[name](...values);
      if (code) throw new Error(REFUSALS[code]);
    }

    /** Frame number `index` of the last call, as pixels that a canvas can take. */
    frame(side, index = 0) {
      const length = 4 * side * side;
      const address = this.exports.frames() + index * length;
      const bytes = new Uint8ClampedArray(this.exports.memory.buffer, address, length);
      return new ImageData(bytes.slice(), side, side);
    }

    numbers() {
      const { memory, numbers, numbers_length } = this.exports;
      return new Float64Array(memory.buffer, numbers(), numbers_length()).slice();
    }
  }

  let lessons;

  /** A text as one word for a shell, whatever is in it. */
  const shellQuoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  class LiveFigure extends HTMLElement {
    connectedCallback() {
      if (!window.WebAssembly || !window.DecompressionStream || !window.IntersectionObserver) {
        this.setAttribute("still", "");
        return;
      }
      const observer = new IntersectionObserver((entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        lessons ??= Lessons.load();
        lessons
          .then((loaded) => this.comeAlive(loaded))
          .catch((error) => {
            this.setAttribute("still", "");
            console.warn(error);
          });
      });
      observer.observe(this);
    }

    comeAlive(loaded) {
      this.lessons = loaded;
      this.kind = window.liveKinds[this.getAttribute("kind")];
      this.seed = 0;
      this.picture = "";
      const image = this.querySelector("img");
      this.canvas = element("canvas", { role: "img" });
      this.canvas.setAttribute("aria-label", this.kind.label);
      // The same shape as the static picture, so that nothing on the page moves.
      this.canvas.style.aspectRatio = `${image.getAttribute("width")} / ${image.getAttribute("height")}`;
      this.canvas.classList.toggle("wide", image.src.endsWith(".svg"));
      this.canvas.classList.toggle("pixels", !image.src.endsWith(".svg"));
      image.closest("a").replaceWith(element("div", { className: "stage", tabIndex: 0 }, this.canvas));
      this.buildControls();
      this.setAttribute("alive", "");
      this.update();
      // The plot has the colours of the theme and the width of the page.
      const theme = new MutationObserver(() => this.schedule());
      theme.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
      addEventListener("resize", () => this.schedule());
    }

    buildControls() {
      this.inputs = {};
      const sliders = this.kind.controls.map((control) => this.slider(control));
      this.plot = element("canvas", { className: "plot-of-live" });
      this.plot.setAttribute("aria-hidden", "true");
      this.status = element("p", { className: "status" });
      this.status.setAttribute("role", "status");
      this.command = element("code", { tabIndex: 0 });
      const button = (text, onclick) => element("button", { type: "button", textContent: text, onclick });
      this.file = element("input", { type: "file", accept: "image/png,image/jpeg" });
      this.file.onchange = () => this.usePicture(this.file.files[0]);
      this.message = element("p", { className: "message" });
      this.message.setAttribute("role", "alert");
      const buttons = [
        button("Reset", () => this.reset()),
        button("New noise", () => this.reseed()),
        ...(this.kind.buttons ?? []).map(([text, action]) => button(text, () => action(this))),
        button("Copy command", () => this.copyCommand()),
      ];
      const own = element("label", { className: "own" }, "Your own picture, which stays on this page: ", this.file);
      this.querySelector(".controls").append(
        ...sliders, this.plot, this.status, element("div", { className: "buttons" }, ...buttons),
        own, this.message, element("p", { className: "command" }, this.command),
      );
      this.ondragover = (event) => event.preventDefault();
      this.ondrop = (event) => {
        event.preventDefault();
        this.usePicture(event.dataTransfer.files[0]);
      };
    }

    slider({ name, text, min, max, step, value }) {
      const input = element("input", { type: "range", min, max, step, value, name });
      const shown = element("output");
      input.oninput = () => this.schedule();
      this.inputs[name] = { input, shown, value };
      return element("label", { className: "slider" }, element("span", { textContent: text }), input, shown);
    }

    /** The values of all sliders, by name. */
    values() {
      const entries = Object.entries(this.inputs).map(([name, { input }]) => [name, Number(input.value)]);
      return Object.fromEntries(entries);
    }

    /** Draws once before the next frame, however often a slider moves. */
    schedule() {
      this.pending ??= requestAnimationFrame(() => {
        this.pending = undefined;
        this.update();
      });
    }

    update() {
      const start = performance.now();
      const values = this.values();
      for (const [name, { input, shown }] of Object.entries(this.inputs)) {
        shown.textContent = values[name];
        input.setAttribute("aria-valuetext", `${values[name]}`);
      }
      try {
        const told = this.kind.draw(this, values);
        this.message.textContent = "";
        this.command.textContent = this.commandLine(values);
        this.tell(told);
      } catch (error) {
        this.message.textContent = `With these values there is no picture: ${error.message}.`;
      }
      this.work = performance.now() - start;
    }

    /** The last four numbers of the last call, or the ones given, as a phrase. */
    moments(numbers = this.lessons.numbers().slice(-4)) {
      const [mean, std, expectedMean, expectedStd] = [...numbers].map((number) => number.toFixed(4));
      return `mean ${mean} (predicted ${expectedMean}), standard deviation ${std} (predicted ${expectedStd})`;
    }

    /** Copies the command, or marks it where the browser doesn't let a page copy. */
    async copyCommand() {
      try {
        await navigator.clipboard.writeText(this.command.textContent);
        this.tell("The command is copied.");
      } catch {
        getSelection().selectAllChildren(this.command);
      }
    }

    /** The sentence is shown at once, and read aloud when the slider rests. */
    tell(sentence) {
      clearTimeout(this.telling);
      this.status.setAttribute("aria-live", "off");
      this.status.textContent = sentence;
      this.telling = setTimeout(() => {
        this.status.setAttribute("aria-live", "polite");
        this.status.textContent = `${sentence} `;
      }, 400);
    }

    commandLine(values) {
      const picture = this.picture && `--image=${shellQuoted(this.picture)} `;
      const seed = this.seed ? ` --seed ${this.seed}` : "";
      return `cargo run -p ${this.kind.crate} -- ${picture}${this.kind.flags(values)} --size ${this.kind.side}${seed}${this.kind.comment?.(values) ?? ""}`;
    }

    async reset() {
      for (const { input, value } of Object.values(this.inputs)) input.value = value;
      this.seed = 0;
      this.picture = "";
      this.file.value = "";
      await this.lessons.useMandrill();
      this.update();
    }

    reseed() {
      this.seed += 1;
      this.update();
    }

    async usePicture(file) {
      if (!file) return;
      try {
        if (file.size > MOST_BYTES) throw new Error("too large");
        const bitmap = await createImageBitmap(file);
        // No larger than it has to be: the figure needs 256 pixels of it.
        const scale = Math.min(1, 1024 / Math.min(bitmap.width, bitmap.height), 4096 / Math.max(bitmap.width, bitmap.height));
        const width = Math.max(1, Math.round(bitmap.width * scale));
        const height = Math.max(1, Math.round(bitmap.height * scale));
        const context = element("canvas", { width, height }).getContext("2d");
        context.drawImage(bitmap, 0, 0, width, height);
        this.lessons.put(context.getImageData(0, 0, width, height).data);
        this.lessons.call("set_picture", width, height, SMALL, LARGE);
        this.picture = file.name;
        this.update();
      } catch {
        this.message.textContent = `“${file.name}” cannot be shown: expected a PNG or JPEG picture of at most 64 MB.`;
      }
    }

    /** Draws frames of the last call side by side: rows of frame numbers. */
    drawFrames(rows, side) {
      const gap = 2;
      const columns = Math.max(...rows.map((row) => row.length));
      this.canvas.width = columns * (side + gap) - gap;
      this.canvas.height = rows.length * (side + gap) - gap;
      const context = this.canvas.getContext("2d");
      rows.forEach((row, y) =>
        row.forEach((index, x) =>
          context.putImageData(this.lessons.frame(side, index), x * (side + gap), y * (side + gap)),
        ),
      );
    }

    /** Plots curves, each a list of values over the whole width, with a name and a colour. */
    drawPlot(curves, most) {
      const width = (this.plot.width = this.plot.clientWidth * devicePixelRatio);
      const height = (this.plot.height = this.plot.clientHeight * devicePixelRatio);
      const unit = devicePixelRatio;
      const style = getComputedStyle(this);
      const context = this.plot.getContext("2d");
      context.font = `${13 * unit}px ${style.fontFamily}`;
      context.strokeStyle = context.fillStyle = style.color;
      context.globalAlpha = 0.4;
      context.strokeRect(1, 1, width - 2, height - 2);
      context.globalAlpha = 1;
      curves.forEach(({ values, name, colour, area, dots }, number) => {
        const at = (value, index) => [
          (index / Math.max(1, values.length - 1)) * width,
          height - 2 - (value / most) * (height - 6),
        ];
        context.beginPath();
        values.forEach((value, index) => context.lineTo(...at(value, index)));
        context.strokeStyle = context.fillStyle = style.getPropertyValue(`--series-${colour}`) || style.color;
        context.lineWidth = 2 * unit;
        if (dots) {
          values.forEach((value, index) => {
            const [x, y] = at(value, index);
            context.fillRect(x - 3 * unit, y - 3 * unit, 6 * unit, 6 * unit);
          });
        } else if (area) {
          context.lineTo(width, height);
          context.lineTo(0, height);
          context.globalAlpha = 0.4;
          context.fill();
          context.globalAlpha = 1;
        } else {
          context.stroke();
        }
        const y = (14 + 18 * number) * unit;
        context.fillRect(width - 150 * unit, y, 16 * unit, 3 * unit);
        context.fillStyle = style.color;
        context.fillText(name, width - 128 * unit, y + 6 * unit);
      });
    }
  }

  customElements.define("live-figure", LiveFigure);
})();
