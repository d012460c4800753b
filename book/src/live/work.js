// What takes long is done in a worker, so that the page never waits for it; or in slices on the page, where there are no
// workers.
"use strict";

window.liveParts ??= {};
(() => {
  /** How long a slice is, in milliseconds: in a worker, which has to hear of a hold, and
   * on a page, which has a reader. */
  const SLICE = { worker: 50, page: 12 };

  /** Runs a job in slices: `step` takes a step of it, and says whether there is another. Returns what has it run, or hold. */
  const runner = ({ step, seen }, slice, say) => {
    let [isRunning, isDone, pending] = [false, false, undefined];
    const go = () => {
      const end = performance.now() + slice;
      try {
        while (isRunning && !isDone && performance.now() < end) isDone = !step();
      } catch (error) {
        isDone = true;
        say({ ...seen, error: error.message, isDone });
      }
      if (isRunning && !isDone) pending = setTimeout(go);
    };
    return (shouldRun) => {
      if (shouldRun === isRunning) return;
      clearTimeout(pending);
      isRunning = shouldRun;
      // Not at once: who is told something may say this.
      if (isRunning) pending = setTimeout(go);
    };
  };

  /**
   * A job: trains with what `call` calls. After each of the numbers of updates that `at` lists, whatever time they took, it
   * samples with what has been learned so far, beginning with the call `sample`, and says what there is to see: what each call of
   * `looks` returns by its name, and all states on the way of the samples. A worker gets this function and nothing else of this
   * file but what runs it.
   */
  const trainer = ({ call }, { begin, at, update, sample, looks }, say) => {
    const seen = { updates: 0, losses: [] };
    let [next, states] = [0, undefined];

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
      say({ ...seen, ...seenNow, states, isDone: next === at.length });
      states = undefined;
      seen.losses = [];
    };

    const step = () => {
      if (seen.optimalLoss === undefined) findOptimalLoss();
      else if (seen.updates < at[next]) learn();
      else look();
      return next < at.length;
    };

    begin.forEach((settings) => call(...settings));
    return { step, seen };
  };

  /** What a job has of a module: the calls of a figure, and the pixels that the last of them has made. */
  const partsOf = (lessons, figure) => ({
    call: (...call) => lessons.call(figure, ...call),
    pixels: () => new Uint8ClampedArray(...lessons.made("pixels")).slice(),
  });

  /** What a worker does: it gets a module and what its job is to begin with, and then is told to run or to hold. */
  const work = (Lessons, partsOf, runner, job, slice) => {
    let run;
    onmessageerror = () => {
      throw new Error("the module does not come through");
    };
    const begin = ({ module, kind, given, settings }) => {
      const lessons = new Lessons(new WebAssembly.Instance(module).exports);
      const figure = lessons.begin(kind);
      if (given) {
        lessons.give(given);
        lessons.call(figure, "network");
      }
      return runner(job(partsOf(lessons, figure), settings, postMessage), slice, postMessage);
    };
    onmessage = ({ data }) => {
      run ??= begin(data);
      run(data.shouldRun);
    };
  };

  const addresses = new Map();
  /** Where the worker's script for a job is: made here, since a page that is opened as a file has no other for a worker. */
  const script = (job) => {
    const text = `"use strict";(${work})(${window.liveParts.Lessons},${partsOf},${runner},${job},${SLICE.worker})`;
    if (!addresses.has(job)) addresses.set(job, URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
    return addresses.get(job);
  };

  /** A job of a figure, such as `trainer`: it begins with `settings`, and `hear` gets what it says. A network that it needs is
   * handed in as `given`. */
  class Work {
    constructor(figure, hear, job, settings, given) {
      const onPage = () => {
        this.end();
        if (given) figure.learn(given);
        this.onPage = runner(job(partsOf(figure.lessons, figure.number), settings, hear), SLICE.page, hear);
      };
      this.begin = { module: figure.lessons.module, kind: figure.getAttribute("kind"), given, settings };
      try {
        this.worker = new Worker(script(job));
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

  Object.assign(window.liveParts, { Work, trainer });
})();
