// Watches the workers of a page. Evaluated before the first of them is made.
"use strict";

window.workers = (() => {
  /** How often a worker that is asked gives everything else a turn before it answers. */
  const TURNS = 5;
  /** How many milliseconds its own clock goes on by whenever it is asked. */
  const TICK = 1;

  /** Runs in the worker, behind its own script. Counts the calls of the module, and says how many when it is asked. If
   * `isEndless`, the training never has all its updates: the last of them is never done, but looked at again. If
   * `isHeldAtFirst`, it holds as soon as it has said something, which with a clock of its own is after as many updates
   * on every machine. */
  const watch = (TURNS, TICK, { isEndless, isHeldAtFirst }) => {
    const { onmessage: hear, WebAssembly, setTimeout } = self;
    const post = self.postMessage.bind(self);
    const { Instance } = WebAssembly;
    let [calls, clock, last] = [0, 0, undefined];
    WebAssembly.Instance = function (module) {
      const counted = (run) => (...values) => {
        calls += 1;
        return run(...values);
      };
      const all = { ...new Instance(module).exports };
      const { call, said, memory } = all;
      let [updates, place] = [0, []];
      // What is called stands behind its numbers.
      all.said = (bytes) => (place = [said(bytes), bytes])[0];
      const method = (numbers) => {
        const [address, bytes] = place;
        return new TextDecoder().decode(new Uint8Array(memory.buffer, address + 8 * numbers, bytes - 8 * numbers));
      };
      const judge = (figure) => {
        const loss = new TextEncoder().encode("loss");
        new Uint8Array(memory.buffer, said(loss.length), loss.length).set(loss);
        return call(figure, 0);
      };
      const isLast = (numbers) => isEndless && method(numbers) === "update" && (updates += 1) >= last;
      all.call = (figure, numbers) => (isLast(numbers) ? judge(figure) : call(figure, numbers));
      const each = ([name, it]) => [name, typeof it === "function" ? counted(it) : it];
      return { exports: Object.fromEntries(Object.entries(all).map(each)) };
    };
    if (isHeldAtFirst) performance.now = () => (clock += TICK);
    self.postMessage = (said) => {
      // To the page, as many updates are the end.
      if (isEndless && said.updates === last) return;
      if (isHeldAtFirst) hear({ data: { shouldRun: false } });
      post(said);
    };
    const answer = (turns) => (turns === 0 ? post({ calls }) : setTimeout(answer, 0, turns - 1));
    self.onmessage = ({ data }) => {
      if (data.isAsked) return answer(TURNS);
      if (isEndless && data.settings) {
        last = data.settings.at.at(-1);
        data.settings.at.push(Infinity);
      }
      hear({ data });
    };
  };

  const begin = (options = {}) => {
    const script = `;(${watch})(${TURNS}, ${TICK}, ${JSON.stringify(options)})`;
    window.Blob = class extends Blob {
      constructor(parts, properties) {
        super(properties?.type === "text/javascript" ? [...parts, script] : parts, properties);
      }
    };
    window.Worker = class extends Worker {
      constructor(...all) {
        super(...all);
        workers.count += 1;
        this.addEventListener("message", (event) => {
          if (event.data.calls === undefined) return;
          event.stopImmediatePropagation();
          workers.answered(event.data.calls);
        });
      }

      postMessage(message) {
        super.postMessage(message);
        if (!message.isAsked) workers.told = message.shouldRun;
      }

      terminate() {
        super.terminate();
        workers.count -= 1;
      }
    };
  };

  /** How many calls of the module there have been, when the worker has heard all that it was told. */
  const calls = () =>
    new Promise((answered) => {
      workers.answered = answered;
      live.job.worker.postMessage({ isAsked: true });
    });

  /** Whether all is over that a worker which has ended could have left behind. */
  const over = async () => {
    for (let turn = 0; turn < TURNS; turn += 1) await probe.pause(0);
    await probe.drawn();
  };

  return { begin, calls, count: 0, over };
})();
