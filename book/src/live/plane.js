// The plane of live figures: points, arrows and places in it, with the colours of the theme.
"use strict";

window.liveParts ??= {};
(() => {
  const { element, holds } = window.liveParts;
  /** How far the plane is shown, from 0 in each direction, if a figure doesn't choose. */
  const REACH = 1.6;
  /** What is dragged rests after so many milliseconds. */
  const AT_REST = 100;

  /** The points of a 2 × N matrix, from its values column by column. */
  const pairs = (numbers) => Array.from({ length: numbers.length / 2 }, (_, place) => numbers.slice(2 * place, 2 * place + 2));

  /** Those of the page: a canvas keeps the colours that it was drawn with. */
  const planes = new Set();
  new MutationObserver(() => planes.forEach((plane) => plane.recolour())).observe(document.documentElement, { attributeFilter: ["class"] });

  /** The plane, as large as it is shown, with the colours of the theme. */
  class Plane {
    constructor(figure, reach = REACH) {
      planes.add(this);
      this.figure = figure;
      this.reach = reach;
      this.canvas = element("canvas");
      figure.pictures.append(element("div", { className: "frame" }, this.canvas));
      this.context = this.canvas.getContext("2d");
      this.side = 0;
      new ResizeObserver(([{ contentRect }]) => {
        this.side = contentRect.width;
        figure.schedule();
      }).observe(this.canvas);
    }

    /** Where a place of the plane is, in pixels of the canvas. */
    at([x, y]) {
      return [((x / this.reach + 1) / 2) * this.side, ((1 - y / this.reach) / 2) * this.side];
    }

    /** What is under a pointer: the inverse of `at`. */
    valueAt({ clientX, clientY }) {
      const { left, top, width } = this.canvas.getBoundingClientRect();
      return [((2 * (clientX - left)) / width - 1) * this.reach, (1 - (2 * (clientY - top)) / width) * this.reach];
    }

    /** The place of the plane under a pointer, in so many parts of 1, and not at the very edge. */
    placeOf({ offsetX, offsetY }, parts = 20) {
      const place = (offset) => Math.round(this.reach * ((2 * offset) / this.canvas.clientWidth - 1) * parts) / parts;
      return this.within([place(offsetX), -place(offsetY)]);
    }

    /** The nearest place that is not at the very edge. */
    within(place) {
      const most = this.reach - 0.1;
      return place.map((value) => Math.min(Math.max(value, -most), most) + 0);
    }

    /** What a reader takes hold of: it is at `at()`, or nowhere yet. A pointer drags it to `put(place)`, in so many parts of 1, and
     * so does a finger that takes hold of it; arrow keys move it by `by`. */
    handle({ name, at, put, parts, by }) {
      const { canvas } = this;
      canvas.tabIndex = 0;
      canvas.setAttribute("aria-label", `The plane: arrow keys move ${name}.`);
      canvas.setAttribute("role", "application");
      const isNear = holds(canvas, () => at() && this.at(at()));
      const putUnder = (event) => at() && put(this.placeOf(event, parts));
      let isHeld = false;
      canvas.onpointerdown = (event) => {
        if (event.button || !at() || (event.pointerType === "touch" && !isNear(event))) return;
        isHeld = true;
        canvas.setPointerCapture(event.pointerId);
        putUnder(event);
      };
      let resting;
      /** Whether it is on its way; a figure may draw less then. */
      const drag = (isDragged) => {
        clearTimeout(resting);
        if (isDragged) resting = setTimeout(drag, AT_REST);
        else if (this.isDragged) this.figure.schedule();
        this.isDragged = isDragged;
      };
      canvas.onpointermove = (event) => {
        if (!isHeld) return;
        drag(true);
        putUnder(event);
      };
      canvas.onpointerup = canvas.onpointercancel = () => {
        isHeld = false;
        drag();
      };
      // A finger that taps elsewhere puts it there.
      canvas.onclick = putUnder;
      canvas.onkeydown = (event) => {
        const moved = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, by], ArrowDown: [0, -by] }[event.key];
        if (!moved || !at()) return;
        event.preventDefault();
        put(this.within(at().map((value, row) => Math.round(100 * (value + moved[row])) / 100)));
      };
    }

    begin() {
      const scale = (this.scale = window.devicePixelRatio || 1);
      const pixels = Math.round(this.side * scale);
      if (this.canvas.width !== pixels) {
        this.canvas.width = this.canvas.height = pixels;
        this.colours = undefined;
      }
      if (!this.colours) this.takeColours();
      this.context.setTransform(scale, 0, 0, scale, 0, 0);
      this.context.clearRect(0, 0, this.side, this.side);
    }

    takeColours() {
      const style = getComputedStyle(this.canvas);
      this.colours = ["--series-0", "--series-1", "--series-2", "--fg"].map((name) => style.getPropertyValue(name));
      this.background = style.getPropertyValue("--bg");
      // To set a font takes long.
      Object.assign(this.context, { font: `600 13px ${style.fontFamily}`, textBaseline: "middle", lineJoin: "round" });
    }

    recolour() {
      this.colours = undefined;
      this.figure.schedule();
    }

    /** What stays as long as `key` is the same is drawn twice at most, and kept. */
    keep(key, draw) {
      const { canvas, context } = this;
      const of = [key, canvas.width, ...this.colours].join();
      if (this.seenOf !== of) {
        // What is seen only once would only be drawn to be copied.
        this.seenOf = of;
        return draw();
      }
      this.kept ??= element("canvas").getContext("2d");
      if (this.keptOf !== of) {
        this.keptOf = of;
        this.kept.canvas.width = this.kept.canvas.height = canvas.width;
        this.kept.setTransform(context.getTransform());
        this.context = this.kept;
        draw();
        this.context = context;
      }
      if (!canvas.width) return;
      // Pixel by pixel.
      context.save();
      context.resetTransform();
      context.drawImage(this.kept.canvas, 0, 0);
      context.restore();
    }

    dots(points, colour, opacity, size = 2) {
      this.context.globalAlpha = opacity;
      this.context.fillStyle = this.colours[colour];
      for (const point of points) {
        const [x, y] = this.at(point);
        this.context.fillRect(x - size / 2, y - size / 2, size, size);
      }
      this.context.globalAlpha = 1;
    }

    /** Points of which x and y follow each other, `factor` times as far from 0; the opacity of all, or of each. */
    cloud(coordinates, colour, opacity, size, factor = 1) {
      const { context, reach, side } = this;
      // On whole pixels, a point is drawn in a fraction of the time.
      const pixels = Math.round(size * this.scale);
      const scale = (factor * side * this.scale) / (2 * reach);
      const middle = (side * this.scale - pixels) / 2;
      context.save();
      context.resetTransform();
      context.fillStyle = this.colours[colour];
      if (!opacity.length) context.globalAlpha = opacity;
      for (let point = 0; 2 * point < coordinates.length; point += 1) {
        if (opacity[point] === 0) continue;
        if (opacity.length) context.globalAlpha = opacity[point];
        const [left, top] = [middle + scale * coordinates[2 * point], middle - scale * coordinates[2 * point + 1]];
        context.fillRect(Math.round(left), Math.round(top), pixels, pixels);
      }
      context.restore();
    }

    /** Begins a line. One of a pixel of the page is as thin as the screen can show it, and as much stronger: that is drawn in a
     * tenth of the time. */
    pen(colour, width, opacity = 1) {
      const { context } = this;
      const thinner = width > 1 ? 1 : this.scale;
      context.strokeStyle = this.colours[colour];
      context.lineWidth = width / thinner;
      context.globalAlpha = Math.min(1, thinner * opacity);
      context.beginPath();
    }

    stroke() {
      this.context.stroke();
      this.context.globalAlpha = 1;
    }

    /** Where every so many-th point came along in these states, fainter where that was longer ago, and nearly of the opacity `most` at last. */
    tracks(states, every, colour, most = 0.5) {
      const { context, side } = this;
      const scale = side / (2 * this.reach);
      for (let number = 1; number < states.length; number += 1) {
        const [before, after] = [states[number - 1], states[number]];
        this.pen(colour, 1, (most * number) / states.length);
        for (let place = 0; place < after.length; place += 2 * every) {
          context.moveTo(side / 2 + scale * before[place], side / 2 - scale * before[place + 1]);
          context.lineTo(side / 2 + scale * after[place], side / 2 - scale * after[place + 1]);
        }
        this.stroke();
      }
    }

    /** What a reader takes hold of. */
    grip(place, colour) {
      this.ring(place, 11, colour);
      this.dots([place], colour, 1, 8);
    }

    /** A line through these places, one after the other. */
    trail(places, colour, width, opacity) {
      this.pen(colour, width, opacity);
      for (const place of places) this.context.lineTo(...this.at(place));
      this.stroke();
    }

    arrow(place, along, colour, width) {
      this.arrows([[place, along]], colour, width);
    }

    /** Arrows, each from a place and so far along, in one path. */
    arrows(arrows, colour, width, opacity) {
      const { context } = this;
      this.pen(colour, width, opacity);
      for (const [[x, y], [dx, dy]] of arrows) {
        const [fromX, fromY] = this.at([x, y]);
        const [toX, toY] = this.at([x + dx, y + dy]);
        const [alongX, alongY] = [toX - fromX, toY - fromY];
        const head = Math.min(0.4, 7 / Math.hypot(alongX, alongY));
        context.moveTo(fromX, fromY);
        context.lineTo(toX, toY);
        for (const side of [1, -1]) {
          context.moveTo(toX, toY);
          context.lineTo(toX - head * (alongX - (side * alongY) / 2), toY - head * (alongY + (side * alongX) / 2));
        }
      }
      this.stroke();
    }

    /** A word beside a place, on the side `aside` of it (-1: left, 1: right, 0: over it), and within the picture. */
    label(place, text, colour, aside = 1) {
      const { context, side } = this;
      const { width } = context.measureText(text);
      const [x, y] = this.at(place);
      const left = Math.min(Math.max(x + aside * 14 - ((1 - aside) * width) / 2, 4), side - width - 4);
      const middle = Math.min(Math.max(aside ? y : y - 18, 10), side - 10);
      context.lineWidth = 4;
      context.strokeStyle = this.background;
      context.strokeText(text, left, middle);
      context.fillStyle = this.colours[colour];
      context.fillText(text, left, middle);
    }

    /** What is of which colour, above the pictures of the figure: `[text, colour, as]`. */
    keys(keys) {
      const text = JSON.stringify(keys);
      if (text === this.keyText) return;
      this.keyText = text;
      this.legend ??= element("p", { className: "legend" });
      this.legend.replaceChildren(...keys.map(([text, colour, as]) =>
        element("span", {}, element("i", { className: `swatch ${as} colour-${colour}` }), text)));
      this.figure.pictures.prepend(this.legend);
    }

    ring(place, radius, colour) {
      const [x, y] = this.at(place);
      this.pen(colour, 2);
      this.context.arc(x, y, radius, 0, 2 * Math.PI);
      this.stroke();
    }
  }

  Object.assign(window.liveParts, { Plane, pairs });
})();
