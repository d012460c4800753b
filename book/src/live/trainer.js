// Training in a worker, so that the page never waits for it; or in slices on the page,
// where there are no workers.
"use strict";

window.liveParts ??= {};
(() => {
  /** How long a slice is, in milliseconds: in a worker, which has to hear of a hold, and
   * on a page, which has a reader. */
  const SLICE = { worker: 50, page: 12 };

  /**
   * Trains with what `call` calls, in slices. After each of the numbers of updates that `at` lists, whatever time they took, it
   * samples with what has been learned so far, beginning with the call `sample`, and says what there is to see: what each call of
   * `looks` returns by its name, and all states on the way of the samples. A worker gets this function and nothing else of this
   * file.
   */
  const trainer = (call, { begin, at, update, sample, looks }, slice, say) => {
    const seen = { updates: 0, losses: [] };
    let [next, states] = [0, undefined];
    let [isRunning, isDone, pending] = [false, false, undefined];

    const findOptimalLoss = () => {
      [seen.optimalLoss] = call("optimal_loss");
    };

    const learn = () => {
      seen.losses.push(...call(...update));
      seen.updates += 1;
    };

    /** Takes a step of the sampling; after the last, says what there is. */
    const look = () => {
      states ??= [call(...sample)];
      const [remaining, ...state] = call("step");
      states.push(state);
      if (remaining > 0) return;
      const seenNow = Object.fromEntries(Object.entries(looks).map(([name, asked]) => [name, call(...asked)]));
      next += 1;
      isDone = next === at.length;
      say({ ...seen, ...seenNow, states, isDone });
      states = undefined;
      seen.losses = [];
    };

    const go = () => {
      const end = performance.now() + slice;
      try {
        while (isRunning && !isDone && performance.now() < end) {
          if (seen.optimalLoss === undefined) findOptimalLoss();
          else if (seen.updates < at[next]) learn();
          else look();
        }
      } catch (error) {
        isDone = true;
        say({ updates: seen.updates, error: error.message, isDone });
      }
      if (isRunning && !isDone) pending = setTimeout(go);
    };

    begin.forEach((settings) => call(...settings));
    return (shouldRun) => {
      if (shouldRun === isRunning) return;
      clearTimeout(pending);
      isRunning = shouldRun;
      // Not at once: who is told something may say this.
      if (isRunning) pending = setTimeout(go);
    };
  };

  /** What a worker does: it gets a module and what to train, and then is told to run or
   * to hold. */
  const work = (Lessons, trainer, slice) => {
    let run;
    onmessageerror = () => {
      throw new Error("the module does not come through");
    };
    const begin = ({ module, kind, settings }) => {
      const lessons = new Lessons(new WebAssembly.Instance(module).exports);
      const figure = lessons.begin(kind);
      return trainer((...call) => lessons.call(figure, ...call), settings, slice, postMessage);
    };
    onmessage = ({ data }) => {
      run ??= begin(data);
      run(data.shouldRun);
    };
  };

  let address;
  /** Where the worker's script is: made here, since a page that is opened as a file has
   * no other for a worker. */
  const script = () => (address ??= URL.createObjectURL(new Blob([`"use strict";(${work})(${window.liveParts.Lessons},${trainer},${SLICE.worker})`], { type: "text/javascript" })));

  /** One training of a figure: `begin` has the calls that it begins with, and `hear` gets
   * what is said after each number of updates that is listed. */
  class Trainer {
    constructor(figure, settings, hear) {
      const onPage = () => {
        this.end();
        this.onPage = trainer((...call) => figure.call(...call), settings, SLICE.page, hear);
      };
      this.begin = { module: figure.lessons.module, kind: figure.getAttribute("kind"), settings };
      try {
        this.worker = new Worker(script());
        this.worker.onmessage = ({ data }) => this.worker && hear(data);
        // Nothing that is computed goes wrong unsaid: there is no worker.
        this.worker.onerror = (event) => {
          event.preventDefault();
          onPage();
          this.run(this.shouldRun);
        };
      } catch {
        onPage();
      }
    }

    /** Goes on, or holds. */
    run(shouldRun) {
      this.shouldRun = shouldRun;
      if (this.onPage) return this.onPage(shouldRun);
      this.worker?.postMessage({ ...this.begin, shouldRun });
      // It has all else now.
      this.begin = undefined;
    }

    /** Nothing is left of it. */
    end() {
      this.worker?.terminate();
      this.worker = undefined;
      this.onPage?.(false);
    }
  }

  Object.assign(window.liveParts, { Trainer });
})();
