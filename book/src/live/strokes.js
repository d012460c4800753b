// A drawing of the reader's: strokes of a pen on a plane, by mouse, finger or keys, and as a text that a link can carry.
"use strict";

window.liveParts ??= {};
(() => {
  const { hand } = window.liveParts;
  /** Places are on a grid of so many to 1, and a drawing goes so far from the middle. */
  const GRID = 100;
  const REACH = 1.3;
  /** A place of a stroke is so far from the last one, at least, in parts of the grid. */
  const NEAR = 4;
  /** How far from its line a place may be that is left out. */
  const OFF = 0.8;
  /** So far keys move the pen. */
  const BY = 5;
  /** A letter of a link stands for so many steps of the grid, back or on. */
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const ZERO = 32;
  /** A link has to be short enough to be sent: of its 2,000 letters, the rest is for the address. */
  const MOST_LETTERS = 1500;

  const FARTHEST = REACH * GRID;
  const onGrid = (place) => place.map((value) => Math.round(Math.min(Math.max(value * GRID, -FARTHEST), FARTHEST)));

  /** Without the places that are on the line through their neighbours, or nearly (Douglas and Peucker 1973). */
  const simplified = (stroke) => {
    if (stroke.length < 3) return stroke;
    const [[fromX, fromY], [toX, toY]] = [stroke[0], stroke.at(-1)];
    const length = Math.hypot(toX - fromX, toY - fromY);
    const off = ([x, y]) =>
      length ? Math.abs((toX - fromX) * (y - fromY) - (toY - fromY) * (x - fromX)) / length : Math.hypot(x - fromX, y - fromY);
    let farthest = 0;
    for (let place = 1; place < stroke.length - 1; place += 1) if (off(stroke[place]) > off(stroke[farthest])) farthest = place;
    if (!farthest || off(stroke[farthest]) < OFF) return [stroke[0], stroke.at(-1)];
    return [...simplified(stroke.slice(0, farthest + 1)).slice(0, -1), ...simplified(stroke.slice(farthest))];
  };

  /** With places in between, where a letter doesn't reach from one to the next. */
  const inReach = (stroke) =>
    stroke.flatMap((place, number) => {
      if (!number) return [place];
      const [from, to] = [stroke[number - 1], place];
      const pieces = Math.ceil(Math.max(...to.map((value, row) => Math.abs(value - from[row]))) / (ZERO - 1)) || 1;
      return Array.from({ length: pieces }, (_, piece) => from.map((value, row) => Math.round(value + ((piece + 1) / pieces) * (to[row] - value))));
    });

  /** A stroke as letters: where it begins, two for a number, and how it goes on, one for a number. */
  const written = (stroke) => {
    const two = (value) => LETTERS[Math.floor((value + FARTHEST) / 64)] + LETTERS[(value + FARTHEST) % 64];
    const on = inReach(stroke);
    const steps = on.slice(1).map((place, number) => place.map((value, row) => LETTERS[value - on[number][row] + ZERO]).join(""));
    return on[0].map(two).join("") + steps.join("");
  };

  /** The stroke of such letters, or nothing if they are none. */
  const read = (letters) => {
    const numbers = [...letters].map((letter) => LETTERS.indexOf(letter));
    if (numbers.length < 4 || numbers.length % 2 || numbers.includes(-1)) return undefined;
    const stroke = [[64 * numbers[0] + numbers[1] - FARTHEST, 64 * numbers[2] + numbers[3] - FARTHEST]];
    for (let at = 4; at < numbers.length; at += 2) stroke.push(stroke.at(-1).map((value, row) => value + numbers[at + row] - ZERO));
    return stroke.flat().every((value) => Math.abs(value) <= FARTHEST) ? stroke : undefined;
  };

  /** What is drawn on a plane. `begun` is called when the pen touches it, `changed` after each stroke, and `takeBack` if there was
   * to be none. */
  class Strokes {
    constructor(plane, { begun, changed, draw, takeBack }) {
      Object.assign(this, { plane, begun, changed, draw });
      this.strokes = [];
      /** Where the keys have moved the pen. */
      this.pen = [0, 0];
      const { canvas } = plane;
      canvas.tabIndex = 0;
      canvas.setAttribute("role", "application");
      canvas.setAttribute("aria-label", "The plane to draw on. Arrow keys move the pen, with Shift they draw, the space bar makes a dot, and Backspace takes the last stroke back.");
      const placeOf = (event) => onGrid(plane.valueAt(event));
      hand(canvas, placeOf, {
        begin: (place) => this.begin(place),
        goTo: (place) => this.isDown && this.goTo(place),
        end: (event) => this.end(event),
        takeBack: () => {
          this.isDown = false;
          takeBack();
        },
      });
      canvas.onkeydown = (event) => this.press(event);
      canvas.onfocus = canvas.onblur = () => this.draw();
    }

    get isEmpty() {
      return this.strokes.length === 0;
    }

    /** Whether a link could not carry any more. */
    get isFull() {
      return this.code.length > MOST_LETTERS;
    }

    begin(place) {
      this.begun();
      if (this.isFull) return;
      this.isDown = true;
      this.strokes.push([place]);
      this.draw();
    }

    goTo(place) {
      const stroke = this.strokes.at(-1);
      const [x, y] = stroke.at(-1);
      if (Math.hypot(place[0] - x, place[1] - y) < NEAR) return;
      stroke.push(place);
      this.draw();
      if (stroke.length % 16 === 0 && this.isFull) this.end();
    }

    end(event) {
      if (!this.isDown) return;
      this.isDown = false;
      this.strokes.push(inReach(simplified(this.strokes.pop())));
      this.changed(event);
    }

    press(event) {
      const by = { ArrowLeft: [-BY, 0], ArrowRight: [BY, 0], ArrowUp: [0, BY], ArrowDown: [0, -BY] }[event.key];
      if (event.key === " ") {
        this.begin(this.pen);
        this.end();
      } else if (event.key === "Backspace" || event.key === "Delete") {
        this.strokes.pop();
        this.changed();
      } else if (by) {
        const to = onGrid(this.pen.map((value, row) => (value + by[row]) / GRID));
        if (event.shiftKey) this.drawTo(to);
        this.pen = to;
        this.draw();
      } else {
        return;
      }
      event.preventDefault();
    }

    /** Goes on from where the pen is: the last stroke, if that ends there. */
    drawTo(place) {
      const last = this.strokes.at(-1);
      if (last && `${last.at(-1)}` === `${this.pen}`) {
        this.begun();
        this.isDown = true;
      } else {
        this.begin(this.pen);
      }
      if (!this.isDown) return;
      this.goTo(place);
      this.end();
    }

    /** Where the keys have moved the pen, on the plane. */
    get position() {
      return this.pen.map((value) => value / GRID);
    }

    /** The strokes as places of the plane. */
    get places() {
      return this.strokes.map((stroke) => stroke.map((place) => place.map((value) => value / GRID)));
    }

    /** All of it as letters. */
    get code() {
      return this.strokes.map(written).join(".");
    }

    set code(letters) {
      const strokes = letters.length <= 2 * MOST_LETTERS ? letters.split(".").map(read) : [];
      this.strokes = strokes.every(Boolean) ? strokes : [];
    }
  }

  Object.assign(window.liveParts, { Strokes });
})();
