// Figures of digits: a label that the reader chooses, and steps that are taken as there
// is time for them.
"use strict";

window.liveParts ??= {};
(() => {
  /** Instead of a digit: each of them in turn. */
  const EACH = 10;
  const EACH_NAME = "Each in turn";

  /** What the figures of a kind have in common, and what they say of the label. */
  class Digits {
    /** `usual` is the label at first, and `slice` for how long, in milliseconds, the page
     * may be kept from its reader. */
    constructor({ usual, slice }) {
      Object.assign(this, { usual, slice });
    }

    /** The parts of a kind of live figure that are the same in each. */
    shared() {
      const { usual } = this;
      const choose = (label) => (figure) => {
        figure.label = label;
        figure.restart();
        figure.schedule();
      };
      return {
        network: "digits-network",
        buttons: [...Array.from({ length: EACH }, (_, digit) => [`${digit}`, choose(digit)]), [EACH_NAME, choose(EACH)]],

        changed: (figure) => figure.restart(),

        showChoice({ label, controls }) {
          for (let digit = 0; digit < EACH; digit += 1) controls.press(`${digit}`, digit === label);
          controls.press(EACH_NAME, label === EACH);
        },

        reset(figure) {
          figure.label = usual;
        },

        toAddress(figure, state) {
          state.set("label", figure.label);
        },

        fromAddress(figure, asked) {
          const label = Number(asked.get("label") ?? NaN);
          figure.label = Number.isInteger(label) && 0 <= label && label <= EACH ? label : usual;
        },
      };
    }

    /** As many steps as there is time for. The first digits are not waited for: they are
     * there when the figure is. */
    advance(figure) {
      const end = performance.now() + (figure.hasAttribute("alive") ? this.slice : Infinity);
      while (figure.remaining > 0 && performance.now() < end) {
        [figure.remaining] = figure.call("advance");
      }
      if (figure.remaining > 0) figure.schedule();
    }

    /** The label in words, and as the command's option. */
    static told = (label) => (label === EACH ? "each digit in turn" : `the digit ${label}`);
    static option = (label) => (label === EACH ? "" : ` --label ${label}`);
  }

  Object.assign(window.liveParts, { Digits, EACH });
})();
