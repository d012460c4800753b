// Plots of live figures: SVG, so that they have the colours of the theme and stay sharp
// at any size.
"use strict";

window.liveParts ??= {};
(() => {
  const { element } = window.liveParts;
  const LEFT = 46;
  const RIGHT = 12;
  const TOP = 8;
  const BOTTOM = 38;

  const svg = (name, attributes = {}, text = "") => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  };

  /** Round numbers from `min` to `max`, about as many as asked for. */
  const ticks = (min, max, count) => {
    const raw = (max - min) / count;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= raw);
    const first = Math.ceil(min / step - 1e-9);
    const last = Math.floor(max / step + 1e-9);
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    return Array.from({ length: last - first + 1 }, (_, index) => {
      const value = (first + index) * step;
      return [value, value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1")];
    });
  };

  /** Powers of ten from `min` to `max`, and 3 times each of them; 2 and 5 times, if there
   * are few. */
  const ticksOfLogarithm = (min, max) => {
    const factors = max / min > 100 ? [1, 3] : [1, 2, 5];
    const powers = Array.from({ length: 13 }, (_, index) => index - 6);
    const values = powers.flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`)));
    return values.filter((value) => min <= value && value <= max).map((value) => [value, `${value}`]);
  };

  const allTicks = ({ min, max, isLogarithm }, count) => (isLogarithm ? ticksOfLogarithm(min, max) : ticks(min, max, count));

  /** How far a value is from one end of an axis to the other, from 0 to 1. */
  const fraction = ({ min, max, isLogarithm }, value) => (isLogarithm ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min));

  /** The bins of a histogram of the module: 80 from -4 to 4. */
  const WIDTH = 0.1;
  const histogram = (densities) =>
    densities.flatMap((density, bin) => [[WIDTH * bin - 4, density], [WIDTH * (bin + 1) - 4, density]]);
  const bell = (x) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const normal = Array.from({ length: 161 }, (_, place) => [place / 20 - 4, bell(place / 20 - 4)]);
  /** The fraction of the area under the bell that a histogram covers. */
  const overlapWithNormal = (densities) =>
    densities.reduce((sum, density, bin) => sum + WIDTH * Math.min(density, bell(WIDTH * (bin + 0.5) - 4)), 0);

  /** A plot with a legend above it, which covers nothing. */
  class Plot {
    constructor(figure, { height = 170, parent = figure.plots } = {}) {
      this.height = height;
      this.legend = element("p", { className: "legend" });
      this.svg = svg("svg", { class: "live-plot", height, "aria-hidden": "true" });
      this.back = svg("g");
      this.front = svg("g");
      this.svg.append(this.back, this.front);
      parent.append(element("div", { className: "plot-and-legend" }, this.legend, this.svg));
      this.width = this.svg.clientWidth || 300;
      // Asking for the width while drawing would lay out the whole page at every move.
      new ResizeObserver(([{ contentRect }]) => {
        if (!contentRect.width || contentRect.width === this.width) return;
        this.width = contentRect.width;
        figure.schedule();
      }).observe(this.svg);
    }

    /** Where a value is, in pixels of the plot. */
    at([x, y]) {
      const { x: over, y: up } = this.axes;
      return [
        LEFT + fraction(over, x) * (this.width - LEFT - RIGHT),
        TOP + (1 - fraction(up, y)) * (this.height - TOP - BOTTOM),
      ];
    }

    /** What is at a place of the window: the inverse of `at`, for axes without a
     * logarithm. */
    valueAt({ clientX, clientY }) {
      const box = this.svg.getBoundingClientRect();
      const { x: over, y: up } = this.axes;
      const across = (clientX - box.left - LEFT) / (this.width - LEFT - RIGHT);
      const above = 1 - (clientY - box.top - TOP) / (this.height - TOP - BOTTOM);
      return [over.min + across * (over.max - over.min), up.min + above * (up.max - up.min)];
    }

    /** Axes `{ name, min, max, isLogarithm }`, and series `{ name, colour, points, as }`,
     * where `as` is line, dashed, area (down to the axis), band (a closed curve), dots,
     * handles or rug. A line is broken where a point has no value. */
    draw(axes, series) {
      this.axes = axes;
      const frame = JSON.stringify([this.width, axes]);
      if (frame !== this.frame) {
        this.frame = frame;
        this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
        this.back.replaceChildren(...this.drawAxes());
      }
      this.front.replaceChildren(...series.map((one) => this.drawSeries(one)));
      const named = series.filter(({ name }) => name);
      const names = named.map(({ name }) => name).join("\n");
      if (names === this.names) return;
      this.names = names;
      this.legend.replaceChildren(...named.map(({ name, colour, as }) =>
        element("span", {}, element("i", { className: `swatch ${as ?? "line"} colour-${colour}` }), name)));
    }

    drawAxes() {
      const { x, y } = this.axes;
      const [left, bottom] = this.at([x.min, y.min]);
      const [right, top] = this.at([x.max, y.max]);
      const parts = [svg("path", { class: "axes", d: `M${left},${top}V${bottom}H${right}` })];
      for (const [value, text] of allTicks(x, this.width < 480 ? 5 : 9)) {
        const [across] = this.at([value, y.min]);
        parts.push(svg("path", { class: "axes", d: `M${across},${bottom}v4` }));
        parts.push(svg("text", { x: across, y: bottom + 17, "text-anchor": "middle" }, text));
      }
      for (const [value, text] of allTicks(y, 4)) {
        const [, up] = this.at([x.min, value]);
        parts.push(svg("path", { class: "grid", d: `M${left},${up}H${right}` }));
        parts.push(svg("text", { x: left - 6, y: up + 4, "text-anchor": "end" }, text));
      }
      parts.push(svg("text", { x: (left + right) / 2, y: this.height - 4, "text-anchor": "middle" }, x.name));
      parts.push(svg("text", { transform: `translate(11,${(top + bottom) / 2})rotate(-90)`, "text-anchor": "middle" }, y.name));
      return parts;
    }

    drawSeries({ points, colour, as = "line" }) {
      const { x, y } = this.axes;
      const place = ([x, up]) => this.at([x, Math.min(Math.max(up, y.min), y.max)]).map((at) => at.toFixed(1));
      const placed = points.filter(([at]) => x.min <= at && at <= x.max).map((point) => point[1] !== undefined && place(point));
      const dot = (radius) => ([x, up]) => `M${x - radius},${up}a${radius},${radius} 0 1 0 ${2 * radius},0a${radius},${radius} 0 1 0 ${-2 * radius},0`;
      let d = placed.map((at, number) => (at ? `${placed[number - 1] ? "L" : "M"}${at}` : "")).join("");
      if (as === "dots") d = placed.map(dot(3)).join("");
      if (as === "handles") d = placed.map(dot(6)).join("");
      if (as === "rug") d = placed.map(dot(1.5)).join("");
      if (as === "band") d += "Z";
      if (as === "area") {
        const [, bottom] = this.at([0, y.min]);
        d += `V${bottom}H${placed[0][0]}Z`;
      }
      return svg("path", { class: `series ${as} colour-${colour}`, d });
    }
  }

  Object.assign(window.liveParts, { Plot, histogram, normal, overlapWithNormal });
})();
