// The plane of live figures: points, arrows and places in it, with the colours of the theme.
"use strict";

window.liveParts ??= {};
(() => {
  const { element } = window.liveParts;
  /** How far the plane is shown, from 0 in each direction, if a figure doesn't choose. */
  const REACH = 1.6;

  /** The points of a 2 × N matrix, from its values column by column. */
  const pairs = (numbers) => Array.from({ length: numbers.length / 2 }, (_, place) => numbers.slice(2 * place, 2 * place + 2));

  /** The figures of the page that have planes: a canvas keeps the colours that it was drawn with. */
  const figures = new Set();
  new MutationObserver(() => figures.forEach((figure) => figure.schedule())).observe(document.documentElement, { attributeFilter: ["class"] });

  /** The plane, as large as it is shown, with the colours of the theme. */
  class Plane {
    constructor(figure, reach = REACH) {
      figures.add(figure);
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

    begin() {
      const scale = window.devicePixelRatio || 1;
      const pixels = Math.round(this.side * scale);
      if (this.canvas.width !== pixels) this.canvas.width = this.canvas.height = pixels;
      this.context.setTransform(scale, 0, 0, scale, 0, 0);
      this.context.clearRect(0, 0, this.side, this.side);
      const style = getComputedStyle(this.canvas);
      this.colours = ["--series-0", "--series-1", "--series-2", "--fg"].map((name) => style.getPropertyValue(name));
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

    /** A line from each place to the one of the same number among the others. */
    lines(places, others, colour) {
      const { context } = this;
      context.strokeStyle = this.colours[colour];
      context.lineWidth = 1;
      context.beginPath();
      places.forEach((place, number) => {
        context.moveTo(...this.at(place));
        context.lineTo(...this.at(others[number]));
      });
      context.stroke();
    }

    /** A line through these places, one after the other. */
    trail(places, colour, width, opacity = 1) {
      const { context } = this;
      context.globalAlpha = opacity;
      context.strokeStyle = this.colours[colour];
      context.lineWidth = width;
      context.lineJoin = "round";
      context.beginPath();
      for (const place of places) context.lineTo(...this.at(place));
      context.stroke();
      context.globalAlpha = 1;
    }

    arrow([x, y], [dx, dy], colour, width) {
      const { context } = this;
      const [fromX, fromY] = this.at([x, y]);
      const [toX, toY] = this.at([x + dx, y + dy]);
      const [alongX, alongY] = [toX - fromX, toY - fromY];
      const head = Math.min(0.4, 7 / Math.hypot(alongX, alongY));
      context.strokeStyle = this.colours[colour];
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(fromX, fromY);
      context.lineTo(toX, toY);
      for (const side of [1, -1]) {
        context.moveTo(toX, toY);
        context.lineTo(toX - head * (alongX - (side * alongY) / 2), toY - head * (alongY + (side * alongX) / 2));
      }
      context.stroke();
    }

    ring(place, radius, colour) {
      const [x, y] = this.at(place);
      this.context.strokeStyle = this.colours[colour];
      this.context.lineWidth = 2;
      this.context.beginPath();
      this.context.arc(x, y, radius, 0, 2 * Math.PI);
      this.context.stroke();
    }
  }

  Object.assign(window.liveParts, { Plane, pairs });
})();
