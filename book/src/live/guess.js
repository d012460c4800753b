// The reader's own guess: a question about what the figure doesn't show yet, and whether the answer holds.
"use strict";

window.liveParts ??= {};
(() => {
  const { element, button, isOf, numberField, tellRange } = window.liveParts;

  /** Instead of a guess. */
  const TELL = Symbol("tell");

  /** `guess` of a kind of figure: `ask`, a question on the state that there is; `answer`, what the lessons compute for it,
   * and why; `of`, what that depends on; `choices`, or the range of a number, which may be off by `within` of it; and where
   * the answer takes its time, `later`, a sentence as long as there is none. */
  class Guess {
    constructor(figure, kind) {
      this.figure = figure;
      this.kind = kind;
      this.asked = element("p", { className: "asked" });
      this.verdict = element("p", { className: "verdict" });
      this.answers = element("div", { className: "answers" }, ...(kind.choices ? this.makeChoices() : this.makeNumber()));
      this.answers.setAttribute("role", "group");
      this.form = element("form", { className: "guess", noValidate: true }, this.asked, this.answers, this.verdict);
      this.verdict.id = `${figure.getAttribute("kind")}-verdict`;
      this.field?.setAttribute("aria-describedby", this.verdict.id);
      this.form.onsubmit = (event) => {
        event.preventDefault();
        if (this.field) this.check(this.field.valueAsNumber);
      };
      this.show();
    }

    makeNumber() {
      this.field = numberField(this.kind);
      this.field.oninput = () => this.clear();
      const check = element("button", { type: "submit", textContent: "Check my guess" });
      return [this.field, check, button("Tell me", () => this.check(TELL))];
    }

    makeChoices() {
      this.choices = this.kind.choices.map((choice) => button(choice, () => this.check(choice)));
      return this.choices;
    }

    /** Asks about the state that is there now. What was said of another one is taken back. */
    show() {
      const { figure, kind } = this;
      const { values } = figure.controls;
      const asked = kind.ask(values, figure);
      const near = kind.within ? ` Within ${100 * kind.within}\u00a0% is near enough.` : "";
      const question = asked && asked + near;
      this.form.classList.toggle("has-none", !question);
      if (question && question !== this.asked.textContent) {
        this.asked.textContent = question;
        this.answers.setAttribute("aria-label", question);
        this.field?.setAttribute("aria-label", question);
      }
      const of = JSON.stringify(kind.of?.(values, figure) ?? []);
      if (of !== this.of) this.clear();
      this.of = of;
      if (this.waiting !== undefined && !this.later) this.check(this.waiting);
    }

    /** Why there is no answer yet, as long as there is none. */
    get later() {
      const { figure, kind } = this;
      return figure.lessons ? kind.later?.(figure) : "One moment: the answer is on its way.";
    }

    clear() {
      this.waiting = undefined;
      this.say("");
      this.field?.setAttribute("aria-invalid", "false");
      this.choices?.forEach((choice) => choice.setAttribute("aria-pressed", "false"));
    }

    /** Says whether a guess holds, for the question as it stands. */
    check(guess) {
      const { figure, kind } = this;
      this.clear();
      this.choices?.forEach((choice) => choice.setAttribute("aria-pressed", `${choice.textContent === guess}`));
      if (this.field && guess !== TELL && !isOf(kind, guess)) {
        this.field.setAttribute("aria-invalid", "true");
        return this.say(`A guess here is ${tellRange(kind)}.`, true);
      }
      const { later } = this;
      if (later) {
        this.waiting = guess;
        return this.say(later, true);
      }
      try {
        this.say(this.judge(guess, kind.answer(figure, { ...figure.controls.values })), true);
      } catch (error) {
        this.say(`To this question there is no answer: ${error.message}.`, true);
      }
    }

    judge(guess, { value, because }) {
      if (guess === TELL) return `The answer: ${because}`;
      if (this.choices) return `${guess === value ? "Your guess holds" : "Your guess does not hold"}: ${because}`;
      const off = guess - value;
      if (Math.abs(off) <= (this.kind.within ?? 0) * value) return `Your guess of ${guess} holds: ${because}`;
      return `It is ${off < 0 ? "more" : "less"} than ${guess}. Guess again, or find out.`;
    }

    say(verdict, aloud = false) {
      if (verdict !== this.verdict.textContent) this.verdict.textContent = verdict;
      if (aloud) this.figure.heard.textContent = verdict;
    }
  }

  Object.assign(window.liveParts, { Guess });
})();
