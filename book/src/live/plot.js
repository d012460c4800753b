// Plots of live figures: SVG, so that they have the colours of the theme and stay sharp
// at any size.
"use strict";

window.liveParts ??= {};
(() => {
  const { element, say } = window.liveParts;
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

  /** Has a group show an element for each of `wanted`: its name, its attributes and its text. One of the same name that is there
   * stays, and what changes of it is drawn anew: another element would have the browser arrange all layers of the page. */
  const fill = (group, wanted) => {
    wanted.forEach(({ as, text = "", ...attributes }, place) => {
      let shown = group.children[place];
      if (shown?.localName !== as) {
        shown?.remove();
        shown = svg(as);
        group.insertBefore(shown, group.children[place] ?? null);
      }
      for (const { name } of [...shown.attributes]) if (!(name in attributes)) shown.removeAttribute(name);
      for (const [key, value] of Object.entries(attributes)) if (shown.getAttribute(key) !== `${value}`) shown.setAttribute(key, value);
      say(shown, text);
    });
    while (group.children.length > wanted.length) group.lastChild.remove();
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

  /** Powers of ten from `min` to `max`, and 3 times each of them if there is room; 2 and 5 times, if there are few. */
  const ticksOfLogarithm = (min, max, areFew) => {
    const factors = max / min > 100 ? (areFew ? [1] : [1, 3]) : [1, 2, 5];
    const powers = Array.from({ length: 13 }, (_, index) => index - 6);
    const values = powers.flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`)));
    return values.filter((value) => min <= value && value <= max).map((value) => [value, `${value}`]);
  };

  const allTicks = ({ min, max, isLogarithm }, count) => (isLogarithm ? ticksOfLogarithm(min, max, count < 4) : ticks(min, max, count));

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

  /** How high the name of a line is, and how far from its line. */
  const LETTERS = 14;
  const GAP = 3;
  /** At so many places of a line, its name may stand; how a line runs along a name is looked at in so many places. */
  const PLACES = 13;
  const LOOKS = 9;

  const isLine = ({ as = "line" }) => as === "line" || as === "dashed";

  /** How wide a text is in a plot, measured without a layout of the page. */
  const widths = new Map();
  const widthOf = (text, family) => {
    if (!widths.has(text)) {
      const context = element("canvas").getContext("2d");
      context.font = `12px ${family}`;
      widths.set(text, context.measureText(text).width);
    }
    return widths.get(text);
  };

  /** How far down a line is over a place, or nothing where there is no line. Its points are from left to right. */
  const heightAt = (placed, across) => {
    let [from, to] = [0, placed.length - 1];
    if (across < placed[from][0] || across > placed[to][0]) return undefined;
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if (placed[middle][0] <= across) from = middle;
      else to = middle;
    }
    const [[left, up], [right, down]] = [placed[from], placed[to]];
    return right === left ? down : up + ((down - up) * (across - left)) / (right - left);
  };

  /** Between two numbers, at both ends and between them. */
  const along = (from, to, count) => Array.from({ length: count }, (_, place) => from + ((to - from) * place) / (count - 1));

  const overlap = (one, other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

  /** A plot whose lines have their names beside them. What has no line is in a legend above it, which covers nothing, unless
   * there is none. */
  class Plot {
    constructor(figure, { height = 170, parent = figure.plots, hasLegend = true } = {}) {
      this.height = height;
      this.legend = element("p", { className: "legend", hidden: !hasLegend });
      this.svg = svg("svg", { class: "live-plot", height, "aria-hidden": "true" });
      this.back = svg("g");
      this.front = svg("g");
      this.names = svg("g");
      this.svg.append(this.back, this.front, this.names);
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
     * handles, rug or here (a thin line at the reader's place). A line is broken where a
     * point has no value. */
    draw(axes, series) {
      this.axes = axes;
      const frame = JSON.stringify([this.width, axes]);
      if (frame !== this.frame) {
        this.frame = frame;
        this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
        fill(this.back, this.drawAxes());
      }
      const drawn = series.map((one) => ({ ...one, placed: this.place(one.points) }));
      fill(this.front, drawn.map((one) => this.drawSeries(one)));
      const others = this.nameLines(drawn);
      const names = others.map(({ name }) => name).join("\n");
      if (names === this.legendNames) return;
      this.legendNames = names;
      if (names) this.legend.hidden = false;
      this.legend.replaceChildren(...others.map(({ name, colour, as }) =>
        element("span", {}, element("i", { className: `swatch ${as ?? "line"} colour-${colour}` }), name)));
    }

    /** Writes the name of each line beside it, clear of the other names, and of the other lines as far as possible. Returns
     * what has a name and no place for it here. */
    nameLines(drawn) {
      this.family ??= getComputedStyle(this.svg).fontFamily;
      const lines = drawn.filter(isLine).map(({ placed, ...one }) => ({ ...one, placed: placed.filter(Boolean) })).filter(({ placed }) => placed.length);
      const dots = drawn.filter(({ as }) => as === "dots" || as === "handles").flatMap(({ placed }) => placed.filter(Boolean));
      const taken = [];
      const texts = [];
      const isNamed = new Set();
      // The longest first: it has the fewest places.
      const named = lines.filter(({ name }) => name).sort((one, other) => other.name.length - one.name.length);
      for (const line of named) {
        const best = this.placesFor(line, lines, dots, taken).reduce((best, place) => (place.cost < best.cost ? place : best), { cost: Infinity });
        if (best.cost === Infinity) continue;
        isNamed.add(line.name);
        taken.push(best);
        texts.push({ as: "text", class: `of-line colour-${line.colour}`, x: best.x.toFixed(1), y: (best.bottom - 3).toFixed(1), "text-anchor": best.anchor, text: line.name });
      }
      fill(this.names, texts);
      return drawn.filter(({ name }) => name && !isNamed.has(name));
    }

    /** The places where the name of a line may stand, each with what speaks against it. */
    placesFor({ name, placed }, lines, dots, taken) {
      const width = widthOf(name, this.family);
      const [leftmost, rightmost] = [LEFT + 4, this.width - RIGHT];
      const [first, last] = [placed[0][0], placed[placed.length - 1][0]];
      const others = lines.filter((line) => line.name !== name);
      return along(last, first, PLACES).flatMap((at, place) => {
        const isAtStart = at < (leftmost + rightmost) / 2;
        const left = isAtStart ? Math.max(at, leftmost) : Math.min(at, rightmost) - width;
        const right = left + width;
        if (left < leftmost || right > rightmost) return [];
        const heights = along(left, right, LOOKS).map((across) => heightAt(placed, across)).filter((height) => height !== undefined);
        if (!heights.length) return [];
        const here = heightAt(placed, Math.min(Math.max((left + right) / 2, first), last));
        return [Math.min(...heights) - GAP - LETTERS, Math.max(...heights) + GAP].flatMap((top, side) => {
          const box = { left, right, top, bottom: top + LETTERS };
          if (top < TOP - 6 || box.bottom > this.height - BOTTOM - 2 || taken.some((other) => overlap(box, other))) return [];
          const isIn = (height) => height !== undefined && top - 2 <= height && height <= box.bottom + 2;
          const crossed = others.flatMap((line) => along(left, right, LOOKS).filter((across) => isIn(heightAt(line.placed, across)))).length;
          const covered = dots.filter(([across, height]) => left - 3 <= across && across <= right + 3 && isIn(height)).length;
          const far = Math.abs(top + LETTERS / 2 - here);
          // At the foot of the plot, lines look alike.
          const low = here > this.height - BOTTOM - LETTERS ? 12 : 0;
          const cost = far + low + 12 * crossed + 6 * covered + place + side;
          return [{ ...box, cost, x: isAtStart ? left : right, anchor: isAtStart ? "start" : "end" }];
        });
      });
    }

    drawAxes() {
      const { x, y } = this.axes;
      const [left, bottom] = this.at([x.min, y.min]);
      const [right, top] = this.at([x.max, y.max]);
      const line = (kind, d) => ({ as: "path", class: kind, d });
      const text = (text, anchor, place) => ({ as: "text", "text-anchor": anchor, text, ...place });
      const parts = [line("axes", `M${left},${top}V${bottom}H${right}`)];
      for (const [value, tick] of allTicks(x, this.width < 280 ? 3 : this.width < 480 ? 5 : 9)) {
        const [across] = this.at([value, y.min]);
        // A long number at the end would not be within the plot.
        const isOver = tick.length > 2 && across > right - RIGHT;
        const place = isOver ? ["end", { x: this.width - 1, y: bottom + 17 }] : ["middle", { x: across, y: bottom + 17 }];
        parts.push(line("axes", `M${across},${bottom}v4`), text(tick, ...place));
      }
      for (const [value, tick] of allTicks(y, 4)) {
        const [, up] = this.at([x.min, value]);
        parts.push(line("grid", `M${left},${up}H${right}`), text(tick, "end", { x: left - 6, y: up + 4 }));
      }
      parts.push(text(x.name, "middle", { x: (left + right) / 2, y: this.height - 4 }));
      parts.push(text(y.name, "middle", { transform: `translate(11,${(top + bottom) / 2})rotate(-90)` }));
      return parts;
    }

    /** Where the points within the axes are; nothing for one without a value. */
    place(points) {
      const { x, y } = this.axes;
      return points
        .filter(([at]) => x.min <= at && at <= x.max)
        .map(([at, up]) => up !== undefined && this.at([at, Math.min(Math.max(up, y.min), y.max)]));
    }

    drawSeries({ placed: exact, colour, as = "line" }) {
      const placed = exact.map((point) => point && point.map((at) => at.toFixed(1)));
      const dot = (radius) => ([x, up]) => `M${x - radius},${up}a${radius},${radius} 0 1 0 ${2 * radius},0a${radius},${radius} 0 1 0 ${-2 * radius},0`;
      let d = placed.map((at, number) => (at ? `${placed[number - 1] ? "L" : "M"}${at}` : "")).join("");
      if (as === "dots") d = placed.map(dot(3)).join("");
      if (as === "handles") d = placed.map(dot(6)).join("");
      if (as === "rug") d = placed.map(dot(1.5)).join("");
      if (as === "band") d += "Z";
      if (as === "area") {
        const [, bottom] = this.at([0, this.axes.y.min]);
        d += `V${bottom}H${placed[0][0]}Z`;
      }
      return { as: "path", class: `series ${as} colour-${colour}`, d };
    }
  }

  Object.assign(window.liveParts, { Plot, histogram, normal, overlapWithNormal });
})();
