// A trajectory of pictures: its state at the reader's step, large, and a strip of its states, each of which leads to its step.
"use strict";

window.liveParts ??= {};
(() => {
  const { element } = window.liveParts;

  /** Lays out a large picture, with its `name` over it, and beside or under it a strip of small ones with these names; a
   * click on one of them leads to what `lead` makes of its number. Where there is little room, those whose numbers are in
   * `spare` are left out. Returns what says which of the small ones is the large one. */
  const layStrip = (figure, { names, lead, spare = [], name }) => {
    const before = figure.pictures.childElementCount;
    figure.frames.push(figure.addFrame("", "at-step"));
    names.forEach((name, number) => figure.frames.push(figure.addFrame(name, spare.includes(number) ? "if-wide" : "")));
    const [large, ...small] = [...figure.pictures.children].slice(before);
    small.forEach((frame, number) => (frame.onclick = () => lead(number)));
    const parts = [...(name ? [element("span", { className: "row-name", textContent: name })] : []), large];
    figure.pictures.append(element("div", { className: "track" }, ...parts, element("div", { className: "strip" }, ...small)));
    return (here) => small.forEach((frame, number) => frame.classList.toggle("is-here", number === here));
  };

  class Strip {
    /** Of a trajectory of `steps` steps, with those in `shown` in the strip, fewer by those in `spare` where there is little
     * room; the reader's step is that of the slider `input`. */
    constructor(figure, { input, steps, shown, spare, name }) {
      Object.assign(this, { figure, steps, shown });
      this.first = figure.frames.length;
      this.mark = layStrip(figure, {
        name,
        names: shown.map((step) => (step ? `${step}` : "input")),
        lead: (number) => figure.controls.set(input, shown[number]),
        spare: spare.map((step) => shown.indexOf(step)),
      });
    }

    /** Shows another trajectory from now on, which `make` has the module make. Returns what that returns. */
    take(make, step) {
      this.make = make;
      this.pictures = [];
      const made = make();
      for (const place of [...this.shown, step]) this.keep(place);
      this.figure.put(this.shown.map((place) => this.pictures[place]), this.first + 1);
      return made;
    }

    keep(step) {
      this.pictures[step] ??= this.figure.lessons.frame(this.figure.kind.side, step);
    }

    /** Shows the state after so many steps. Those that nobody has looked at are taken from the module when the first of them
     * is: in the meantime it may have made something else. */
    show(step, name) {
      if (!this.pictures[step]) {
        this.make();
        for (let place = 0; place <= this.steps; place += 1) this.keep(place);
      }
      this.figure.put([this.pictures[step]], this.first);
      this.figure.name([name], this.first);
      this.mark(this.shown.findLastIndex((place) => place <= step));
    }
  }

  /** What a figure needs whose trajectory of so many steps is made anew whenever something else changes than the step that is
   * shown. */
  const ofTrajectory = (steps) => ({
    begin(figure) {
      figure.numbers = undefined;
      figure.tape.restart(...Array(steps + 1).keys());
    },

    changed: (figure) => figure.restart(),
  });

  Object.assign(window.liveParts, { layStrip, ofTrajectory, Strip });
})();
