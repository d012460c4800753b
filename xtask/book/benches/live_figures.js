// What is measured of a live figure: `live` in the page.
"use strict";

window.measure = (() => {
  const { frame, pause } = probe;
  const PLACES = 20;

  const median = (values) => values.sort((one, other) => one - other)[Math.floor(values.length / 2)];

  /** A place of 20 of a slider, as a value that it can have. */
  const valueAt = ({ min, max, step }, place) => min + Math.round((place * (max - min)) / PLACES / step) * step;

  /** What the machine takes for a known piece of work, in milliseconds. */
  const knownWork = () => {
    const times = [];
    for (let round = 0; round < 9; round += 1) {
      const start = performance.now();
      let x = 1;
      for (let i = 0; i < 2e6; i += 1) x = (x * 1103515245 + 12345) % 2147483648;
      window.sink = x;
      times.push(performance.now() - start);
    }
    return median(times);
  };

  /** The script's work of a move of a slider: of the slowest slider, the median over its range. Each place counts with
   * the quickest of five, since others use the machine, too. */
  const workOfAMove = () => {
    const medians = Object.entries(live.controls.fields).map(([name, field]) => {
      live.controls.reset();
      const works = [];
      for (let place = 0; place <= PLACES; place += 1) {
        live.controls.set(name, Math.min(field.max, Number(valueAt(field, place).toFixed(4))));
        const rounds = Array.from({ length: 5 }, () => {
          live.update();
          return live.work;
        });
        works.push(Math.min(...rounds));
      }
      return median(works);
    });
    return Math.max(...medians);
  };

  /** Moves a slider to a place, or none, and waits until that is drawn; says how often the figure was drawn. One that
   * takes its steps as there is time is drawn once more in the frames after a move. */
  const move = async (place) => {
    const fields = Object.entries(live.controls.fields);
    const [name, field] = fields.findLast(([name]) => name === "beta") ?? fields[0];
    const { update } = live;
    let drawn = 0;
    live.update = () => {
      drawn += 1;
      update.call(live);
    };
    if (place !== undefined) {
      const [min, max, step] = ["min", "max", "step"].map((name) => Number(field.slider[name]));
      field.slider.value = valueAt({ min, max, step }, place);
      field.slider.dispatchEvent(new Event("input"));
    }
    await frame();
    // Behind the layout and the paint of this frame.
    await new Promise((done) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => done();
      port2.postMessage(0);
    });
    live.update = update;
    return Math.max(drawn, 1);
  };

  /** How long a reader who comes to a figure waits until it is alive. */
  const wait = async (kind) => {
    const figure = document.querySelector(`live-figure[kind=${kind}]`);
    const start = performance.now();
    figure.scrollIntoView();
    figure.dispatchEvent(new PointerEvent("pointerenter"));
    while (!figure.hasAttribute("alive") && performance.now() < start + 10000) await pause(10);
    return performance.now() - start;
  };

  /** Notes how long the page answers nothing while something goes on: `measure.gaps`. */
  const listen = () => {
    measure.gaps = [];
    let last = performance.now();
    const beat = () => {
      const now = performance.now();
      measure.gaps.push(now - last);
      last = now;
      port2.postMessage(0);
    };
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = beat;
    beat();
    measure.stop = () => {
      port1.close();
      // Those between two of the page's turns are no pauses.
      return measure.gaps.filter((gap) => gap > 1).sort((one, other) => other - one);
    };
  };

  /** A large picture of noise, as a file. */
  const noise = async (width, height, kind) => {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    const rows = context.createImageData(width, Math.min(height, 256));
    const byte = (at) => (at % 4 === 3 ? 255 : Math.imul(at, 2654435761) >>> 24);
    rows.data.forEach((_, at) => (rows.data[at] = byte(at)));
    for (let y = 0; y < height; y += 256) context.putImageData(rows, 0, y);
    const blob = await canvas.convertToBlob({ type: `image/${kind}` });
    return new File([blob], `odd.${kind}`);
  };

  /** The longest that the page does nothing else while it takes a picture of the reader's own: the best of five. */
  const takePicture = async (width, height, kind) => {
    const file = await noise(width, height, kind);
    let best = Infinity;
    for (let round = 0; round < 5; round += 1) {
      listen();
      await live.controls.take(file);
      await pause(50);
      best = Math.min(best, measure.stop()[0] ?? 0);
    }
    if (!live.controls.command.textContent.includes(file.name)) throw new Error(live.controls.message.textContent);
    return best;
  };

  return { knownWork, listen, move, takePicture, wait, workOfAMove };
})();
