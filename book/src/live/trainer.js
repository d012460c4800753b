// Training in a worker, so that the page never waits for it; or in slices on the page,
// where there are no workers.
"use strict";

window.liveParts ??= {};
(() => {
  /** How long a slice is, in milliseconds: in a worker, which has to hear of a hold, and
   * on a page, which has a reader. */
  const SLICE = { worker: 50, page: 12 };

  /**
   * Trains with what `call` calls, in slices. Every now and then it samples with what
   * has been learned so far, and says what there is to see. A worker gets this function and
   * nothing else of this file.
   */
  const trainer = (call, { begin, updates, samples }, slice, say) => {
    /** How soon it can sample again, in milliseconds, and the fraction of the time that
     * sampling may take. */
    const [SOON, SAMPLING] = [400, 0.3];
    const seen = { updates: 0, losses: [] };
    let [sampling, next] = [];
    let [isRunning, isDone, pending] = [false, false, undefined];

    const findOptimalLoss = () => {
      [seen.optimalLoss] = call("optimal_loss");
      next = performance.now() + SOON;
    };

    const learn = () => {
      seen.losses.push(...call("update"));
      seen.updates += 1;
    };

    const sample = () => {
      const start = performance.now();
      sampling ??= { remaining: call("sample", samples)[0], took: 0 };
      [sampling.remaining] = call("step");
      if (sampling.remaining === 0) {
        seen.samples = call("samples");
        [seen.loss] = call("loss");
      }
      sampling.took += performance.now() - start;
      if (sampling.remaining > 0) return;
      next = performance.now() + Math.max(SOON, sampling.took / SAMPLING);
      sampling = undefined;
      isDone = seen.updates === updates;
      say({ ...seen, isDone });
      seen.losses = [];
    };

    const go = () => {
      const end = performance.now() + slice;
      try {
        while (isRunning && !isDone && performance.now() < end) {
          if (seen.optimalLoss === undefined) findOptimalLoss();
          else if (sampling || seen.updates === updates || (seen.losses.length > 0 && performance.now() > next)) sample();
          else learn();
        }
      } catch (error) {
        isDone = true;
        say({ updates: seen.updates, losses: seen.losses, error: error.message, isDone });
      }
      if (isRunning && !isDone) pending = setTimeout(go);
    };

    begin.forEach((settings) => call(...settings));
    return (shouldRun) => {
      clearTimeout(pending);
      isRunning = shouldRun;
      if (isRunning) go();
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
   * what is said after some of the `updates`. */
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
