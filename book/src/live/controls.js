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

  /** A text that stays is not laid out again; and one that changes stays the same node, so that nothing is layered anew. */
  const say = (element, text) => {
    const [node, ...others] = element.childNodes;
    if (others.length || !node?.data) element.textContent = text;
    else if (node.data !== text) node.data = text;
  };

  const button = (textContent, onclick) => element("button", { type: "button", textContent, onclick });

  /** A hand that draws on a canvas, with a pointer or a finger: it begins at a place, goes on to others and ends, or takes back what
   * it has done, if the finger was about to scroll the page. So a finger draws when it has moved, or was lifted. */
  const hand = (canvas, placeOf, { begin, goTo, end, takeBack }) => {
    let [waiting, isDown] = [undefined, false];
    const touch = () => {
      if (!waiting) return;
      begin(waiting);
      [waiting, isDown] = [undefined, true];
    };
    const lift = (how, event) => {
      if (isDown) how(event);
      [waiting, isDown] = [undefined, false];
    };
    canvas.onpointerdown = (event) => {
      if (event.button) return;
      canvas.setPointerCapture(event.pointerId);
      waiting = placeOf(event);
      if (event.pointerType !== "touch") touch();
    };
    canvas.onpointermove = (event) => {
      touch();
      if (isDown) for (const one of event.getCoalescedEvents?.() ?? [event]) goTo(placeOf(one));
    };
    canvas.onpointerup = (event) => {
      touch();
      lift(end, event);
    };
    canvas.onpointercancel = () => lift(takeBack);
  };

  /** A finger that takes hold of what is at `at()`, in pixels of a canvas, drags it; further away than this, in pixels, it scrolls
   * the page. Returns whether an event is near enough. */
  const HOLD = 36;
  const holds = (canvas, at) => {
    const isNear = ({ clientX, clientY }) => {
      const { left, top } = canvas.getBoundingClientRect();
      const place = at();
      return Boolean(place) && Math.hypot(clientX - left - place[0], clientY - top - place[1]) < HOLD;
    };
    const keep = (event) => event.touches.length === 1 && isNear(event.touches[0]) && event.preventDefault();
    canvas.addEventListener("touchstart", keep, { passive: false });
    return isNear;
  };

  /** Whether a number is of a range, a whole one only at a step; or of a list. */
  const isOf = ({ min, max, step, isWhole, list }, value) =>
    list ? list.includes(value) : min <= value && value <= max && (!isWhole || (value - min) % step === 0);

  const tellRange = ({ min, max, step, isWhole, list }) =>
    list ? `one of ${list.join(", ")}` : `a ${isWhole ? "whole " : ""}number from ${min} to ${max}${isWhole && step > 1 ? `, in steps of ${step}` : ""}`;

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
  /** From the largest on. */
  const DOWN = { placeOf: (value) => -value, valueAt: (range, place) => nearest(range, -place) };
  /** By the places of a list. */
  const inList = (list) => ({ placeOf: (value) => list.indexOf(value), valueAt: (_, place) => list[place] });

  /** The next number of a range. What can't be 0 goes by its leading digit where a step is larger. */
  const next = (range, value, isUp) => {
    const { list } = range;
    if (list) return list[Math.min(Math.max(list.indexOf(value) + (isUp ? 1 : -1), 0), list.length - 1)];
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
      /** The number of what is chosen in each list, and of what is chosen in it at first. */
      this.chosen = {};
      this.usual = {};
      /** The buttons of this kind, by their text. */
      this.named = {};
      this.groups = new Map();
      /** What shows each choice. */
      this.shows = [];
      /** Beside the picture: what it is made with, group by group. */
      this.panel = element("div", { className: "panel" });
      /** At the picture: what there is to do, and the place on the axis of what is recorded, each in a row. */
      this.main = element("div", { className: "at-picture" });
      this.rows = {};
      for (const choice of kind.choices ?? []) this.groupOf(choice.group ?? choice.text).append(this.addChoice(choice));
      for (const input of kind.inputs) {
        const made = this.addInput(input);
        if (input.isAxis) this.rowOf(input.name).append(made);
        else this.groupOf(input.group).append(made);
      }
      for (const button of kind.buttons ?? []) this.addButton(button);
      this.message = element("p", { className: "message" });
      this.message.setAttribute("role", "alert");
      this.command = element("code");
      this.actions = this.makeActions();
    }

    /** Takes over what the address asks for, now and whenever it changes. The figure is built. */
    follow() {
      this.restore();
      addEventListener("hashchange", () => this.restore());
    }

    /** A group of the panel, with its name over it. */
    groupOf(name = "") {
      if (!this.groups.has(name)) {
        const group = element("div", { className: "group" });
        if (name) {
          const id = `${this.figure.getAttribute("kind")}-${name.replaceAll(/\W+/g, "-").toLowerCase()}`;
          group.append(element("span", { className: "group-name", textContent: name, id }));
          group.setAttribute("role", "group");
          group.setAttribute("aria-labelledby", id);
        }
        this.panel.append(group);
        this.groups.set(name, group);
      }
      return this.groups.get(name);
    }

    /** A row at the picture: that of an axis, or one of buttons alone. */
    rowOf(axis = "") {
      if (!this.rows[axis]) this.main.append((this.rows[axis] = element("div", { className: "main-action" })));
      return this.rows[axis];
    }

    /** A button of the panel, or, a main one, at the picture, beside its axis if it has one. */
    addButton([text, act, { isMain, axis, group = "" } = {}]) {
      const made = button(text, () => act(this.figure));
      this.named[text] = made;
      if (isMain) {
        made.classList.add("is-main");
        this.rowOf(axis).prepend(made);
      } else {
        this.groupOf(group).append(made);
      }
    }

    /** One of a list, `{ name, text, options: [[title, name], …] }`: as buttons, or as a list if there are many, or if the kind
     * says so. At first, it is the one of the number `value`. */
    addChoice({ name, text, group = text, options, value = 0, isList = options.length > 5 }) {
      this.chosen[name] = this.usual[name] = value;
      const choose = (number) => {
        this.chosen[name] = number;
        this.figure.changed(name);
        this.figure.schedule();
      };
      if (isList) {
        const select = element("select", { name }, ...options.map(([textContent], value) => element("option", { value, textContent })));
        select.onchange = () => choose(Number(select.value));
        this.shows.push(() => (select.value = this.chosen[name]));
        // A list that is a group by itself has the group's name.
        if (group === text) select.setAttribute("aria-label", text);
        const before = group === text ? [] : [element("span", { textContent: text })];
        return element("label", { className: "choice" }, ...before, select);
      }
      const buttons = options.map(([title], number) => (this.named[title] = button(title, () => choose(number))));
      this.shows.push(() => buttons.forEach((one, number) => one.setAttribute("aria-pressed", `${number === this.chosen[name]}`)));
      return element("div", { className: "options" }, ...buttons);
    }

    /** What a reader does with all of it, in one line; and, folded, what he takes away, and a picture of his own. */
    makeActions() {
      const { kind } = this;
      const folded = element("div", { className: "taken" }, this.copier("Copy link", () => this.link()));
      const has = ["Link"];
      if (kind.command) {
        folded.append(this.copier("Copy command", () => this.command.textContent), element("p", { className: "command" }, this.command));
        has.push("command");
      }
      if (kind.side) {
        folded.append(this.ownPicture());
        has.push("your own picture");
      }
      const last = has.length > 1 ? ` and ${has.pop()}` : "";
      const details = element("details", { className: "away" }, element("summary", { textContent: has.join(", ") + last }), folded);
      const buttons = [button("New noise", () => this.reseed()), button("Reset", () => this.reset())];
      return element("div", { className: "actions" }, element("div", { className: "buttons" }, ...buttons, details), this.message);
    }

    /** A slider, and a field for a number that no slider hits. With `powers`, a slider's step multiplies by 2 to that power. Where
     * time runs down, as from noise to data, it begins at the largest: `isReversed`. With `endOf`, it ends where the values of
     * the others say. */
    addInput({ name, text, min, max, step = 1, value, isSlim, isAxis, isReversed, powers, list, endOf }) {
      if (list) [min, max] = [list[0], list.at(-1)];
      const { placeOf, valueAt } = list ? inList(list) : powers ? BY_POWERS : isReversed ? DOWN : EVENLY;
      const [first, last] = isReversed ? [max, min] : [min, max];
      const places = { min: placeOf(first), max: placeOf(last), step: list ? 1 : (powers ?? step) };
      const slider = element("input", { type: "range", ...places, value: placeOf(value), name });
      const range = { min, max, step, list, isWhole: Number.isInteger(step) && Number.isInteger(min) };
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
      this.fields[name] = { slider, field, refusal, placeOf, range, ...range, isReversed, endOf, initial: value, shown: value };
      const parts = [element("span", { textContent: text }), ...(isSlim ? [] : [slider]), field, refusal];
      return element("div", { className: `input${isSlim ? " slim" : ""}${isAxis ? " axis" : ""}` }, ...parts);
    }

    /** An input goes to another end from now on. */
    setEnd(name, max) {
      const input = this.fields[name];
      if (input.max === max) return;
      input.max = input.range.max = max;
      input.slider.max = input.field.max = max;
      this.values[name] = Math.min(this.values[name], max);
    }

    /** What ends where others say goes to that end; and what was at its end stays there. */
    fitEnds() {
      for (const [name, { endOf, max }] of Object.entries(this.fields)) {
        if (!endOf) continue;
        const isAtEnd = this.values[name] === max;
        const end = endOf(this.values);
        this.setEnd(name, end);
        if (isAtEnd) this.values[name] = end;
      }
    }

    set(name, value) {
      this.values[name] = value;
      this.fitEnds();
      this.refuse(name, "");
      this.figure.changed(name);
      this.figure.schedule();
    }

    /** Says why a number is not taken, or takes that back. */
    refuse(name, why) {
      const { field, refusal } = this.fields[name];
      say(refusal, why);
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
      this.shows.forEach((show) => show());
      this.kind.showChoice?.(this.figure);
    }

    /** Takes values, whatever was refused. */
    assign(values) {
      Object.assign(this.values, values);
      this.fitEnds();
      for (const name of Object.keys(this.fields)) this.refuse(name, "");
    }

    reset() {
      this.assign(Object.fromEntries(Object.entries(this.fields).map(([name, { initial }]) => [name, initial])));
      Object.assign(this.chosen, this.usual);
      this.figure.seed = 0;
      this.kind.reset?.(this.figure);
      this.figure.guess?.clear();
      this.figure.restart();
      this.figure.update();
      if (this.file) this.takeBack();
    }

    reseed() {
      this.figure.seed += 1;
      this.kind.reseeded?.(this.figure);
      this.figure.restart();
      this.figure.update();
    }

    /** A button that copies a text, and says on itself that it has. */
    copier(text, what) {
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
      return copy;
    }

    /** The address of what is shown. A picture of the reader's own stays with the reader. */
    link() {
      const state = new URLSearchParams({ fig: this.figure.getAttribute("kind"), ...this.values });
      for (const { name, options } of this.kind.choices ?? []) state.set(name, options[this.chosen[name]][1]);
      if (this.figure.seed) state.set("seed", this.figure.seed);
      this.kind.toAddress?.(this.figure, state);
      return `${location.href.split("#")[0]}#${state}`;
    }

    /** Whether the address is a link to this figure. */
    get isLinked() {
      return fromAddress(this.figure.getAttribute("kind")) !== undefined;
    }

    /** Takes over what the address asks for, as far as it makes sense. */
    restore() {
      const asked = fromAddress(this.figure.getAttribute("kind"));
      if (!asked) return;
      const values = Object.keys(this.fields).map((name) => [name, Number(asked.get(name) ?? NaN)]);
      // Where some end, others say.
      for (const isEndGiven of [true, false]) {
        const isTaken = ([name, value]) => !this.fields[name].endOf === isEndGiven && isOf(this.fields[name], value);
        this.assign(Object.fromEntries(values.filter(isTaken)));
      }
      for (const { name, options } of this.kind.choices ?? []) {
        const number = options.findIndex(([, named]) => named === asked.get(name));
        this.chosen[name] = number < 0 ? this.usual[name] : number;
      }
      const seed = Number(asked.get("seed") ?? 0);
      if (Number.isInteger(seed) && 0 <= seed && seed < 2 ** 32) this.figure.seed = seed;
      this.kind.fromAddress?.(this.figure, asked);
      requestAnimationFrame(() => this.figure.scrollIntoView());
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
      try {
        await page.loadOnce("picture");
        const { pixels, note } = await page.middleOf(file);
        await this.figure.there;
        if (asked !== page.asked) return;
        page.usePicture({ file, pixels });
        say(this.message, note);
      } catch (error) {
        if (asked === page.asked) say(this.message, `'${file.name}' ${error.message}`);
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

  Object.assign(window.liveParts, { element, say, button, hand, holds, isOf, numberField, tellRange, Controls });
})();
