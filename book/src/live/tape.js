// The time axis of a live figure: what runs is recorded as it runs, and played, scrubbed and played again.
"use strict";

window.liveParts ??= {};
(() => {
  const { say } = window.liveParts;
  /** A recording is played in about so many milliseconds, and a state stands for so many at least. */
  const PLAYED = 6000;
  const LEAST = 40;
  /** A network that learns is looked at after so many updates, on every machine. */
  const LOOKS = [0, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 3000];
  /** So long, in milliseconds, recording may keep the page from its reader: one who moves something, and one who looks on. */
  const SLICE = { moved: 6, waited: 12 };

  /** States by their places on an axis: those of the slider `input`. `next` makes a further one, or a part of it, and then returns
   * nothing. Where another records, `run` says whether it should, and what it records is handed to `take`. The main button is
   * `button`; it does nothing unless `isReady` says so, and what else has to be so when it is played, `played` sees to. */
  class Tape {
    constructor(figure, { input, button, next, run, played, isReady }) {
      Object.assign(this, { figure, input, button, next, run, played, isReady });
      this.states = [];
      figure.tapes.push(this);
      const { controls } = figure;
      controls.shows.push(() => this.showButton());
      controls.addButton([button, () => this.playOrHold(), { isMain: true, axis: input }]);
      const inView = new IntersectionObserver((entries) => {
        this.isSeen = entries.at(-1).isIntersecting;
        this.goOn();
      });
      inView.observe(figure);
      document.addEventListener("visibilitychange", () => this.goOn());
    }

    get field() {
      return this.figure.controls.fields[this.input];
    }

    /** The number of the place that the reader is at, and of the last there is. */
    get place() {
      return this.placeOf(this.figure.controls.values[this.input]);
    }

    get last() {
      if (this.hasEnded) return this.states.length - 1;
      const { isReversed, min, max } = this.field;
      return this.placeOf(isReversed ? min : max);
    }

    placeOf(value) {
      const { list, isReversed, min, max, step } = this.field;
      if (list) return list.indexOf(value);
      return Math.round((isReversed ? max - value : value - min) / step);
    }

    valueAt(place) {
      const { list, isReversed, min, max, step } = this.field;
      if (list) return list[place];
      // Without the rest that a computation in binary leaves.
      return Number((isReversed ? max - place * step : min + place * step).toPrecision(12));
    }

    get isWhole() {
      return this.states.length > this.last;
    }

    /** Records anew, from the first state on. */
    restart(...first) {
      this.states = first;
      this.wasPlayed = this.hasEnded = false;
      this.goOn();
    }

    /** Nothing more can be recorded: the last state there is is the end. */
    end() {
      this.hasEnded = true;
      if (this.place >= this.last) this.hold();
      this.figure.schedule();
    }

    /** Takes a state that was made elsewhere. */
    take(state) {
      this.states.push(state);
      this.goOn();
      this.figure.schedule();
    }

    /** The state to be shown: the one at the reader's place, or, as long as that is not recorded, the last there is. Call it
     * once for each drawing: what is missing is recorded as far as there is time. */
    get shown() {
      if (!this.run) this.record(this.isPlaying ? this.last : this.place);
      const place = Math.min(this.place, this.states.length - 1);
      return { place, value: this.valueAt(place), state: this.states[place], isThere: place === this.place || this.hasEnded };
    }

    record(place) {
      const start = performance.now();
      const slice = this.isPlaying ? SLICE.waited : SLICE.moved;
      let [passed, longest] = [0, 0];
      // Not one that would end too late: on a slow machine it takes as long as a slice.
      while (this.states.length <= place && passed + longest < slice) {
        const state = this.next();
        if (state !== undefined) this.states.push(state);
        const now = performance.now() - start;
        [longest, passed] = [Math.max(longest, now - passed), now];
      }
      if (this.states.length <= place && (this.isSeen || this.states.length <= this.place)) this.figure.schedule();
    }

    /** Whether something is missing, and somebody is there to see it. */
    get isWanted() {
      return (this.isPlaying || this.states.length <= this.place) && !this.isWhole && this.isSeen && !document.hidden;
    }

    /** Has the other one record what is missing, or hold. */
    goOn() {
      this.run?.(this.isWanted);
      if (!this.run && this.isPlaying) this.figure.schedule();
    }

    playOrHold() {
      if (this.isPlaying) return this.hold();
      if (this.isReady && !this.isReady()) return;
      const { controls } = this.figure;
      this.played?.();
      if (this.place >= this.last) controls.set(this.input, this.valueAt(0));
      this.isPlaying = true;
      const beat = Math.max(LEAST, PLAYED / (this.last + 1));
      const stride = Math.max(1, Math.round((beat * (this.last + 1)) / PLAYED));
      this.playing = setInterval(() => this.beat(stride), beat);
      this.goOn();
      this.figure.schedule();
    }

    /** The place moves on, as far as there is something to be seen. */
    beat(stride) {
      if (!this.isSeen || document.hidden) return;
      const { controls } = this.figure;
      const place = Math.min(this.place + stride, this.last, this.states.length - 1);
      if (place <= this.place) return this.isWhole ? this.hold() : undefined;
      controls.values[this.input] = this.valueAt(place);
      if (place === this.last) {
        this.wasPlayed = true;
        this.hold();
      }
      this.figure.schedule();
    }

    hold() {
      clearInterval(this.playing);
      this.playing = undefined;
      this.isPlaying = false;
      this.goOn();
      this.figure.schedule();
    }

    /** What the main button does next. */
    showButton() {
      const { controls, tapes } = this.figure;
      const again = tapes.length > 1 ? `${this.button} again` : "Again";
      const text = this.isPlaying ? "Hold" : this.wasPlayed && this.place >= this.last ? again : this.button;
      say(controls.named[this.button], text);
    }
  }

  /** Has a figure's job record for a tape, or hold. Where there is none, `begin` says what it is, of what is chosen by the time that
   * the script of all jobs is there; and `take` makes a state of what it says. What could not begin is tried again when the reader
   * asks for it. */
  const runJob = async (figure, shouldRun, { begin, take, tape = figure.tape }) => {
    figure.shouldRun = shouldRun;
    if (!shouldRun || figure.job) return figure.job?.run(shouldRun);
    if (figure.error && !tape.isPlaying) return;
    figure.error = undefined;
    try {
      await window.liveParts.loadOnce("work");
    } catch ({ message }) {
      figure.error = message;
      return tape.hold();
    }
    if (!figure.shouldRun) return;
    const hear = ({ error, isDone, ...heard }) => {
      if (isDone) {
        figure.job.end();
        figure.job = undefined;
      }
      if (!error) return tape.take(take(heard));
      Object.assign(figure, { error, stoppedAt: heard.updates });
      tape.end();
    };
    figure.job ??= new window.liveParts.Work(figure, hear, ...begin());
    figure.job.run(true);
  };

  Object.assign(window.liveParts, { LOOKS, Tape, runJob });
})();
