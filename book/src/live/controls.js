// What a reader moves in a live figure, and what he takes away from it.
"use strict";

window.liveKinds ??= {};
window.liveParts ??= {};
(() => {
  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const button = (textContent, onclick) => element("button", { type: "button", textContent, onclick });

  /** Whether a number is of a range: a whole one only at a step. */
  const isOf = ({ min, max, step, isWhole }, value) => min <= value && value <= max && (!isWhole || (value - min) % step === 0);

  const tellRange = ({ min, max, step, isWhole }) =>
    `a ${isWhole ? "whole " : ""}number from ${min} to ${max}${isWhole && step > 1 ? `, in steps of ${step}` : ""}`;

  /** Within a range, and without the rest that a computation in binary leaves. */
  const into = ({ min, max }, value) => Number(Math.min(Math.max(value, min), max).toPrecision(12));

  /** The nearest number of a range. A slider's steps begin at its least number, though it be 0.0001. */
  const nearest = (range, value) => {
    const { min, step, isWhole } = range;
    const start = isWhole ? min : 0;
    return into(range, start + Math.round((value - start || 0) / step) * step);
  };

  /** How the places of a slider stand for numbers: evenly, or by powers of 2. */
  const EVENLY = { placeOf: (value) => value, valueAt: nearest };
  const BY_POWERS = { placeOf: Math.log2, valueAt: (range, place) => into(range, Number((2 ** place).toPrecision(3))) };

  /** The next number of a range. What can't be 0 goes by its leading digit where a step is larger. */
  const next = (range, value, isUp) => {
    if (!isOf(range, value)) return nearest(range, value);
    const leading = 10 ** Math.floor(Math.log10(value) + (isUp ? 1e-9 : -1e-9));
    const by = range.isWhole || range.min <= 0 ? range.step : Math.min(range.step, leading);
    return into(range, isUp ? value + by : value - by);
  };

  /** A field for a number of a range. A browser's own arrows would go to the next whole number. */
  const numberField = (range) => {
    const field = element("input", { type: "number", min: range.min, max: range.max, step: "any" });
    field.onkeydown = (event) => {
      const { key } = event;
      if (!["ArrowUp", "ArrowDown"].includes(key)) return;
      event.preventDefault();
      field.value = next(range, field.valueAsNumber, key === "ArrowUp");
      for (const name of ["input", "change"]) field.dispatchEvent(new Event(name));
    };
    return field;
  };

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
      /** The buttons of this kind, by their text. */
      this.named = Object.fromEntries((kind.buttons ?? []).map(([text, act]) => [text, button(text, () => act(figure))]));
      const own = Object.values(this.named);
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

    /** A slider, and a field for a number that no slider hits. With `powers`, a slider's step multiplies by 2 to that power. */
    addInput({ name, text, min, max, step, value, isSlim, powers }) {
      const { placeOf, valueAt } = powers ? BY_POWERS : EVENLY;
      const places = { min: placeOf(min), max: placeOf(max), step: powers ?? step };
      const slider = element("input", { type: "range", ...places, value: placeOf(value), name });
      const range = { min, max, step, isWhole: Number.isInteger(step) && Number.isInteger(min) };
      const field = numberField(range);
      const refusal = element("p", { className: "refusal", id: `${this.figure.getAttribute("kind")}-${name}-refusal` });
      slider.setAttribute("aria-label", text);
      field.setAttribute("aria-label", `${text}, as a number`);
      field.setAttribute("aria-describedby", refusal.id);
      field.value = value;
      slider.oninput = () => this.set(name, valueAt(range, Number(slider.value)));
      field.oninput = () => isOf(range, field.valueAsNumber) && this.refuse(name, "");
      field.onchange = () => {
        if (isOf(range, field.valueAsNumber)) this.set(name, field.valueAsNumber);
        else this.refuse(name, `${text} is ${tellRange(range)}.`);
      };
      this.values[name] = value;
      this.fields[name] = { slider, field, refusal, placeOf, ...range, initial: value, shown: value };
      const parts = [element("span", { textContent: text }), ...(isSlim ? [] : [slider]), field, refusal];
      return element("div", { className: `input${isSlim ? " slim" : ""}` }, ...parts);
    }

    set(name, value) {
      this.values[name] = value;
      this.refuse(name, "");
      this.kind.changed?.(this.figure, name);
      this.show();
      this.figure.schedule();
    }

    /** Says why a number is not taken, or takes that back. */
    refuse(name, why) {
      const { field, refusal } = this.fields[name];
      refusal.textContent = why;
      field.setAttribute("aria-invalid", `${why !== ""}`);
      if (why) this.figure.heard.textContent = why;
    }

    /** Whether a button of this kind is pressed. */
    press(name, isPressed) {
      this.named[name].setAttribute("aria-pressed", `${isPressed}`);
    }

    /** A value that is being typed stays as it is, and so does one that was refused, until the figure has another. */
    show() {
      for (const [name, input] of Object.entries(this.fields)) {
        const { slider, field, refusal, placeOf, shown } = input;
        const value = this.values[name];
        slider.value = placeOf(value);
        slider.setAttribute("aria-valuetext", `${value}`);
        if (value !== shown) this.refuse(name, "");
        input.shown = value;
        if (refusal.textContent === "" && (field !== document.activeElement || field.valueAsNumber !== value)) field.value = value;
      }
      this.kind.showChoice?.(this.figure);
    }

    /** Takes values, whatever was refused. */
    assign(values) {
      Object.assign(this.values, values);
      for (const name of Object.keys(this.fields)) this.refuse(name, "");
    }

    reset() {
      this.assign(Object.fromEntries(Object.entries(this.fields).map(([name, { initial }]) => [name, initial])));
      this.figure.seed = 0;
      this.kind.reset?.(this.figure);
      this.figure.guess?.clear();
      this.figure.restart();
      this.figure.update();
      if (this.file) this.takeBack();
    }

    reseed() {
      this.figure.seed += 1;
      this.figure.restart();
      this.figure.update();
    }

    /** A button that copies a text, and says on itself that it has. */
    addCopy(text, what) {
      const copy = button(text, async () => {
        // Before it is drawn, nobody can say all of what will be shown.
        if (!this.figure.lessons) await this.figure.there;
        if (this.figure.pending) this.figure.update();
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
      const values = Object.keys(this.fields).map((name) => [name, Number(asked.get(name) ?? NaN)]);
      this.assign(Object.fromEntries(values.filter(([name, value]) => isOf(this.fields[name], value))));
      const seed = Number(asked.get("seed") ?? 0);
      if (Number.isInteger(seed) && 0 <= seed && seed < 2 ** 32) this.figure.seed = seed;
      this.kind.fromAddress?.(this.figure, asked);
      requestAnimationFrame(() => this.inputs.scrollIntoView());
      this.figure.restart();
      this.figure.schedule();
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

    /** Names the picture that is shown, wherever on the page it was chosen. */
    namePicture() {
      const { picture } = window.liveParts;
      const chosen = new DataTransfer();
      if (picture) chosen.items.add(picture.file);
      this.file.files = chosen.files;
    }

    /** Shows a picture of the reader's own, or says why not. Of several, it is the last that counts, whichever is read first. */
    async take(file) {
      if (!file) return this.namePicture();
      const page = window.liveParts;
      const asked = (page.asked = {});
      const say = (text) => (this.message.textContent = text);
      try {
        await page.loadOnce("picture");
        const { pixels, note } = await page.middleOf(file);
        await this.figure.there;
        if (asked !== page.asked) return;
        page.usePicture({ file, pixels });
        say(note);
      } catch (error) {
        if (asked === page.asked) say(`'${file.name}' ${error.message}`);
      } finally {
        this.namePicture();
      }
    }

    /** The mandrill again, even if a picture is still being read. */
    takeBack() {
      const page = window.liveParts;
      page.asked = undefined;
      if (page.picture) page.usePicture(undefined);
      else this.namePicture();
    }
  }

  /** Moves a slider step by step to its end, from where it is or from its start; the button that does so holds it, too. */
  class Player {
    constructor(figure, { input, button, beat }) {
      Object.assign(this, { figure, input, button, beat });
    }

    playOrHold() {
      if (this.playing) return this.hold();
      const { values, fields, named } = this.figure.controls;
      const { min, max } = fields[this.input];
      if (values[this.input] >= max) values[this.input] = min;
      named[this.button].textContent = "Hold";
      this.figure.schedule();
      this.playing = setInterval(() => {
        // What is played is seen from its beginning.
        if (!this.figure.lessons) return;
        values[this.input] += 1;
        this.figure.schedule();
        if (values[this.input] >= max) this.hold();
      }, this.beat);
    }

    hold() {
      clearInterval(this.playing);
      this.playing = undefined;
      this.figure.controls.named[this.button].textContent = this.button;
    }
  }

  Object.assign(window.liveParts, { element, button, isOf, numberField, tellRange, Controls, Player });
})();
