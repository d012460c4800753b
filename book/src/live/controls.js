// What a reader moves in a live figure, and what he takes away from it: sliders with number fields,
// buttons, the reader's own picture, the command, and a link to what is shown.
"use strict";

window.liveKinds ??= {};
window.liveParts ??= {};
(() => {
  /** What the command reads, too, and the names of other kinds of picture: how their files begin. Both refuse the same
   * ones with the same words: see `crates/run/src/load/kind.rs`. */
  const PICTURES = ["PNG", "JPEG"];
  const KINDS = [
    ["PNG", /^\x89PNG\r\n\x1a\n/],
    ["JPEG", /^\xff\xd8\xff/],
    ["WebP", /^RIFF[^]{4}WEBP/],
    ["GIF", /^GIF8[79]a/],
    ["TIFF", /^(II\*\0|MM\0\*)/],
    ["BMP", /^BM[^]{4}\0{4}/],
    ["JPEG XL", /^(\xff\n|\0\0\0\fJXL )/],
    ["JPEG 2000", /^\0\0\0\fjP {2}/],
    ["HEIC", /^[^]{4}ftyp(hei[cxms]|hev[cx]|mif1)/],
    ["AVIF", /^[^]{4}ftypavi[fs]/],
  ];
  /** As large as for the command. */
  const MOST_PIXELS = 2 ** 26;
  const MOST_BYTES = 8 * MOST_PIXELS;
  /** The largest side that a picture is resized from: the figures need a fifth of it. */
  const LARGEST_SIDE = 1024;

  /** What kind of picture begins with these bytes. */
  const kindOf = (bytes) => {
    const text = String.fromCharCode(...bytes);
    return KINDS.find(([, begins]) => begins.test(text))?.[0];
  };

  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const button = (textContent, onclick) => element("button", { type: "button", textContent, onclick });

  /** What the address asks of the figure of this kind: `#fig=part-a&a=0.9&seed=1`. */
  const fromAddress = (kind) => {
    const asked = new URLSearchParams(location.hash.slice(1));
    return asked.get("fig") === kind ? asked : undefined;
  };

  class Controls {
    constructor(figure, kind) {
      this.figure = figure;
      this.kind = kind;
      this.fields = {};
      this.values = {};
      this.inputs = element("div", { className: "inputs" }, ...kind.inputs.map((input) => this.addInput(input)));
      this.message = element("p", { className: "message" });
      this.message.setAttribute("role", "alert");
      this.command = element("code");
      const own = (kind.buttons ?? []).map(([text, act]) => button(text, () => act(figure)));
      const buttons = [...own, button("Reset", () => this.reset()), button("New noise", () => this.reseed())];
      this.actions = element("div", { className: "actions" });
      this.buttons = element("div", { className: "buttons" }, ...buttons);
      this.addCopy("Copy link", () => this.link());
      if (kind.command) this.addCopy("Copy command", () => this.command.textContent);
      this.actions.append(this.buttons);
      if (kind.side) this.actions.append(this.ownPicture());
      this.actions.append(this.message);
      if (kind.command) this.actions.append(element("p", { className: "command" }, this.command));
      this.restore();
      addEventListener("hashchange", () => this.restore());
    }

    /** A slider, and a field for a number that no slider hits. */
    addInput({ name, text, min, max, step, value, isSlim }) {
      const slider = element("input", { type: "range", min, max, step, value, name });
      const isWhole = Number.isInteger(step) && Number.isInteger(min);
      const field = element("input", { type: "number", min, max, step: isWhole ? step : "any", value });
      slider.setAttribute("aria-label", text);
      field.setAttribute("aria-label", `${text}, as a number`);
      slider.oninput = () => this.set(name, Number(slider.value));
      field.onchange = () => {
        if (field.value !== "" && field.checkValidity()) this.set(name, field.valueAsNumber);
        else this.message.textContent = `${text} is from ${min} to ${max}${isWhole && step > 1 ? `, in steps of ${step}` : ""}.`;
      };
      this.values[name] = value;
      this.fields[name] = { slider, field, min, max, step, isWhole, initial: value };
      const parts = [element("span", { textContent: text }), ...(isSlim ? [] : [slider]), field];
      return element("div", { className: `input${isSlim ? " slim" : ""}` }, ...parts);
    }

    set(name, value) {
      this.values[name] = value;
      this.kind.changed?.(this.figure, name);
      this.figure.schedule();
    }

    /** A value that the reader is in the middle of typing stays as it is. */
    show() {
      for (const [name, { slider, field }] of Object.entries(this.fields)) {
        const value = this.values[name];
        slider.value = value;
        slider.setAttribute("aria-valuetext", `${value}`);
        if (field !== document.activeElement || field.valueAsNumber !== value) field.value = value;
      }
    }

    async reset() {
      for (const [name, { initial }] of Object.entries(this.fields)) this.values[name] = initial;
      this.figure.seed = 0;
      this.kind.reset?.(this.figure);
      if (this.file) this.file.value = "";
      await this.figure.usePicture(undefined);
    }

    reseed() {
      this.figure.seed += 1;
      this.kind.begin?.(this.figure);
      this.figure.update();
    }

    /** A button that copies a text, and says on itself that it has. */
    addCopy(text, what) {
      const copy = button(text, async () => {
        try {
          await navigator.clipboard.writeText(what());
          copy.textContent = "Copied";
        } catch {
          // Where a browser doesn't let a page copy, the reader does.
          this.message.textContent = what();
          getSelection().selectAllChildren(this.message);
        }
        setTimeout(() => (copy.textContent = text), 2000);
      });
      this.buttons.append(copy);
    }

    /** The address of what is shown. A picture of the reader's own stays with the reader. */
    link() {
      const state = new URLSearchParams({ fig: this.figure.getAttribute("kind"), ...this.values });
      if (this.figure.seed) state.set("seed", this.figure.seed);
      this.kind.toAddress?.(this.figure, state);
      return `${location.href.split("#")[0]}#${state}`;
    }

    /** Takes over what the address asks for, as far as it makes sense. */
    restore() {
      const asked = fromAddress(this.figure.getAttribute("kind"));
      if (!asked) return;
      for (const [name, { min, max, step, isWhole }] of Object.entries(this.fields)) {
        const value = Number(asked.get(name) ?? NaN);
        const fits = min <= value && value <= max && (!isWhole || (value - min) % step === 0);
        if (fits) this.values[name] = value;
      }
      const seed = Number(asked.get("seed") ?? 0);
      if (Number.isInteger(seed) && 0 <= seed && seed < 2 ** 32) this.figure.seed = seed;
      this.kind.fromAddress?.(this.figure, asked);
      requestAnimationFrame(() => this.figure.scrollIntoView());
      if (!this.figure.lessons) return this.show();
      this.kind.begin?.(this.figure);
      this.figure.update();
    }

    ownPicture() {
      this.file = element("input", { type: "file", accept: "image/png,image/jpeg" });
      this.file.onchange = () => this.take(this.file.files[0]);
      this.figure.ondragover = (event) => event.preventDefault();
      this.figure.ondrop = (event) => {
        event.preventDefault();
        this.take(event.dataTransfer.files[0]);
      };
      return element("label", { className: "own" }, "Your own PNG or JPEG, which stays on this page: ", this.file);
    }

    /** Shows a picture of the reader's own, or says why not. */
    async take(file) {
      if (!file) return;
      try {
        const { pixels, note } = await middleOf(file);
        await this.figure.usePicture({ name: file.name, pixels });
        this.message.textContent = note;
      } catch (error) {
        this.message.textContent = `'${file.name}' ${error.message}`;
      }
    }
  }

  /** The middle of a picture, as a square: what `--size` takes of it; and what is to be said of it. What is wrong with the
   * file is said as the command says it. */
  const middleOf = async (file) => {
    const begin = new Uint8Array(await file.slice(0, 32).arrayBuffer());
    const kind = kindOf(begin);
    if (!kind) throw new Error("is not a picture that can be read; expected a PNG or JPEG file");
    if (!PICTURES.includes(kind)) throw new Error(`is a ${kind} picture; expected a PNG or JPEG file`);
    const tooLarge = () => new Error(`is too large to be read; expected a picture of at most ${Math.floor(MOST_PIXELS / 1e6)} million pixels`);
    if (file.size >= MOST_BYTES) throw tooLarge();
    // The command takes the values of a picture as they are. Of a JPEG they differ anyway, and decoding it takes long as it is.
    const colorSpaceConversion = kind === "PNG" ? "none" : "default";
    const whole = await createImageBitmap(file, { colorSpaceConversion }).catch(() => {
      throw new Error("is a damaged or incomplete picture; expected a whole PNG or JPEG file");
    });
    if (whole.width * whole.height > MOST_PIXELS) throw tooLarge();
    const side = Math.min(whole.width, whole.height);
    const [left, top] = [Math.floor((whole.width - side) / 2), Math.floor((whole.height - side) / 2)];
    const small = Math.min(side, LARGEST_SIDE);
    const context = element("canvas", { width: small, height: small }).getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(whole, left, top, side, side, 0, 0, small, small);
    whole.close();
    const pixels = context.getImageData(0, 0, small, small);
    let isOpaque = true;
    for (let place = 3; place < pixels.data.length; place += 4) isOpaque &&= pixels.data[place] === 255;
    const BITS = 24;
    const isExact = kind === "PNG" && begin[BITS] <= 8 && small === side && isOpaque;
    let note = isExact ? "" : "Your browser has decoded this picture. The command decodes it itself, and can differ by a shade.";
    if (!isOpaque) note += " What is transparent is black here, where the command takes the colour that the file has there.";
    return { pixels, note };
  };

  Object.assign(window.liveParts, { element, button, Controls });
})();
