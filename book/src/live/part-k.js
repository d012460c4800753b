// Part K: a network and the exact denoiser look at the same patch of a noisy photograph, and make new pictures of the same noise.
"use strict";

(() => {
  /** The photograph's side and that of a patch, in pixels, and how many timesteps there are: the network's. */
  const SIDE = 32;
  const VIEW = 7;
  const STEPS = 100;
  /** How many patches of the exact answer are shown. */
  const LIKELIEST = 5;
  /** Where a reader begins. */
  const PIXEL = [17, 12];
  const USUAL = 60;
  /** So long, in milliseconds, the page may be kept from its reader; what is told of a pixel takes as long. */
  const SLICE = 2;
  /** Pixels of a canvas for one of a picture, and for one of a patch. */
  const ZOOM = 16;
  const PATCH_ZOOM = 20;
  const { element, holds, say, Tape } = window.liveParts;

  const isNew = ({ controls }) => controls.chosen.picture === 1;

  /** Begins with the noise that there is, and with what the reader wants of it. */
  const start = (figure) => {
    figure.call("begin", figure.seed);
    if (isNew(figure)) figure.call("grow");
    figure.tape.restart();
    Object.assign(figure, { asked: undefined, lookedAt: undefined });
  };

  /** A new picture begins at the noise; and the photograph is there again as it was. */
  const turn = (figure) => {
    const { values } = figure.controls;
    if (isNew(figure) === figure.wasNew) return;
    figure.wasNew = isNew(figure);
    if (figure.wasNew) figure.left = values.t;
    values.t = figure.wasNew ? STEPS - 1 : figure.left;
    figure.restart();
  };

  /** A slice of the next state of the new picture, and its timestep when that was the last slice. */
  const growOn = (figure) => {
    if (!isNew(figure)) return 0;
    const t = STEPS - 1 - figure.tape.states.length;
    figure.call("advance");
    const [, , , predictedIsNew, predictedOf] = figure.call("state");
    return predictedIsNew && predictedOf === t ? t : undefined;
  };

  /** As many slices of what is left to compute as there is time for: none of them before there is something to be seen. */
  const advance = (figure) => {
    const end = performance.now() + SLICE;
    let isMore = true;
    while (isMore && figure.hasAttribute("alive") && performance.now() < end) isMore = figure.call("advance")[0] === 1;
    if (isMore) figure.schedule();
  };

  /** A picture with something on it, `zoom` pixels for one of its own, of which the one in the middle is at this place. What is
   * beyond its border is on its other side. */
  const paint = ({ canvas, context }, picture, zoom, [left, top] = [0, 0]) => {
    context.imageSmoothingEnabled = false;
    for (const across of [-SIDE, 0, SIDE]) {
      for (const down of [-SIDE, 0, SIDE]) {
        const [x, y] = [left + across, top + down];
        if (x * zoom < canvas.width && x + SIDE > 0 && y * zoom < canvas.height && y + SIDE > 0) {
          context.drawImage(picture, x * zoom, y * zoom, SIDE * zoom, SIDE * zoom);
        }
      }
    }
  };

  /** How wide each picture is shown: asking while drawing would lay out the page at every move. */
  const widths = new WeakMap();

  /** A frame around a pixel and those that are so near to it, on the other sides, too. */
  const mark = ({ canvas, context }, zoom, [x, y], reach, opacity = 1) => {
    const length = (2 * reach + 1) * zoom;
    /** As wide on a small picture. */
    const scale = canvas.width / (widths.get(canvas) || canvas.width);
    context.globalAlpha = opacity;
    for (const [colour, width] of [["#000", 3.5], ["#fff", 1.5]]) {
      context.strokeStyle = colour;
      context.lineWidth = width * scale;
      for (const across of [-SIDE, 0, SIDE]) {
        for (const down of [-SIDE, 0, SIDE]) {
          const [left, top] = [(x - reach + across) * zoom, (y - reach + down) * zoom];
          const isSeen = left < canvas.width && top < canvas.height && left + length > 0 && top + length > 0;
          if (isSeen) context.strokeRect(left, top, length, length);
        }
      }
    }
    context.globalAlpha = 1;
  };

  const wrapped = (place) => (place + SIDE) % SIDE;

  /** A share in per cent, which no line is broken in. */
  const perCent = (share) => `${share < 0.0005 ? "<0.1" : (100 * share).toFixed(share < 0.0995 ? 1 : 0)}\u00a0%`;

  /** What there is to say of the pixel that is pointed at: computed once. */
  const look = (figure, key) => {
    if (figure.lookedAt?.key !== key) {
      const [effective, ...numbers] = figure.call("pixel", ...figure.pixel, LIKELIEST);
      const { data } = figure.lessons.image(4, 1);
      const colours = Array.from({ length: 4 }, (_, place) => [...data.slice(4 * place, 4 * place + 3)]);
      const patches = Array.from({ length: numbers.length / 3 }, (_, place) => numbers.slice(3 * place, 3 * place + 3));
      figure.lookedAt = { key, effective, colours, patches };
    }
    return figure.lookedAt;
  };

  /** Whoever points at one of the pictures chooses a pixel. */
  const listen = (figure, canvas) => {
    const at = (offset, length) => Math.min(Math.max(Math.floor((SIDE * offset) / length), 0), SIDE - 1);
    const point = ({ clientX, clientY }) => {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      figure.pixel = [at(clientX - left, width), at(clientY - top, height)];
      figure.schedule();
    };
    holds(canvas, () => figure.pixel?.map((place) => ((place + 0.5) / SIDE) * canvas.clientWidth));
    canvas.onpointerdown = (event) => {
      canvas.setPointerCapture(event.pointerId);
      point(event);
    };
    canvas.onpointermove = (event) => event.buttons && point(event);
  };

  window.liveKinds["part-k"] = {
    module: "convolutions",
    network: "patches-network",
    inputs: [{ name: "t", text: "timestep t", min: 0, max: STEPS - 1, step: 1, value: USUAL, isAxis: true, isReversed: true }],
    choices: [{ name: "picture", text: "Picture", options: [["The photograph", "photograph"], ["A new picture", "new"]] }],

    /** It makes the new picture of this noise. */
    command: (_, { seed }) => `cargo run -p part-k-convolutions -- --samples 1 --steps ${STEPS}${seed ? ` --seed ${seed}` : ""}`,

    build(figure) {
      figure.pixel ??= PIXEL;
      figure.left = USUAL;
      figure.wasNew ??= false;
      const played = () => {
        figure.controls.chosen.picture = 1;
        turn(figure);
      };
      figure.tape = new Tape(figure, { input: "t", button: "Grow", next: () => growOn(figure), played });
      const add = (names, className, width, height = width) =>
        names.map((name) => {
          const frame = figure.addFrame(name, className);
          Object.assign(frame.canvas, { width, height });
          figure.frames.push(frame);
          return frame;
        });
      const side = SIDE * ZOOM;
      const patch = VIEW * PATCH_ZOOM;
      const [noisy] = add([""], "noisy", side);
      const [network, photo, exact] = add(["", "photograph", ""], "whole", side);
      const [seen] = add([`its ${VIEW} × ${VIEW} pixels`], "whole", patch);
      const pixels = add(["noisy", "network", "exact", "photograph"], "pixel", 8);
      const likeliest = add(Array(LIKELIEST).fill(""), "likely", patch);
      figure.parts = { noisy, network, photo, exact, seen, pixels, likeliest };
      /** What is enlarged, in its own pixels. */
      const small = () => element("canvas", { width: SIDE, height: SIDE });
      figure.small = { noisy: small(), network: small(), exact: small(), photo: small() };
      for (const { canvas } of [noisy, network, photo, exact]) listen(figure, canvas);
      const shown = new ResizeObserver((entries) => {
        for (const { target, contentRect } of entries) widths.set(target, contentRect.width);
        figure.schedule();
      });
      for (const { canvas } of figure.frames) shown.observe(canvas);
      const { canvas } = noisy;
      canvas.tabIndex = 0;
      canvas.setAttribute("role", "application");
      canvas.setAttribute("aria-label", "The noisy picture: arrow keys move the pixel that is looked at.");
      canvas.onkeydown = (event) => {
        const [across, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
        if (across === undefined) return;
        event.preventDefault();
        const [x, y] = figure.pixel;
        figure.pixel = [wrapped(x + across), wrapped(y + down)];
        figure.schedule();
      };
    },

    begin(figure) {
      // Its state is the photograph just after the network has been handed in.
      if (!figure.hasAttribute("alive")) {
        figure.small.photo.getContext("2d").putImageData(figure.lessons.frame(SIDE, 0), 0, 0);
      }
      start(figure);
    },

    changed(figure, name) {
      if (name === "picture") turn(figure);
    },

    reset(figure) {
      Object.assign(figure, { pixel: PIXEL, left: USUAL, wasNew: false });
    },

    draw(figure, values) {
      const isOfNew = isNew(figure);
      const { state, isThere } = isOfNew ? figure.tape.shown : { isThere: true };
      if (state !== undefined) figure.call("grown", state);
      if (!isOfNew) {
        if (figure.asked !== values.t) figure.call("photograph", values.t);
        figure.asked = values.t;
        advance(figure);
      }
      const { parts, small, pixel } = figure;
      const [, t, alphaBar, predictedIsNew, predictedOf, alike] = figure.call("state");
      // Those of other noise stay until there are new ones.
      const made = predictedOf < 0 ? ["noisy"] : ["noisy", "network", "exact"];
      made.forEach((name, state) => {
        small[name].getContext("2d").putImageData(figure.lessons.frame(SIDE, state), 0, 0);
      });
      const { effective, colours, patches } = look(figure, [figure.seed, isOfNew, t, pixel].join());

      const reach = (VIEW - 1) / 2;
      for (const name of Object.keys(small)) paint(parts[name], small[name], ZOOM);
      for (const frame of [parts.network, parts.exact]) mark(frame, ZOOM, pixel, 0);
      mark(parts.noisy, ZOOM, pixel, reach);
      mark(parts.noisy, ZOOM, pixel, 0);
      const [[most]] = patches;
      [...patches].reverse().forEach(([weight, ...place]) => mark(parts.photo, ZOOM, place, reach, 0.25 + (0.75 * weight) / most));

      const around = ([x, y]) => [reach - x, reach - y];
      paint(parts.seen, small.noisy, PATCH_ZOOM, around(pixel));
      mark(parts.seen, PATCH_ZOOM, [reach, reach], 0);
      patches.forEach(([weight, ...place], number) => {
        const frame = parts.likeliest[number];
        paint(frame, small.photo, PATCH_ZOOM, around(place));
        mark(frame, PATCH_ZOOM, [reach, reach], 0);
        say(frame.caption, perCent(weight));
      });
      parts.pixels.forEach(({ canvas, context }, place) => {
        context.fillStyle = `rgb(${colours[place]})`;
        // Of a new picture, nobody knows the truth.
        if (isOfNew && place === 3) context.clearRect(0, 0, canvas.width, canvas.height);
        else context.fillRect(0, 0, canvas.width, canvas.height);
      });
      say(parts.pixels[3].caption, isOfNew ? "no truth" : "photograph");

      /** In one line. */
      const at = (t) => `t\u00a0=\u00a0${t}`;
      const of = predictedOf < 0 ? "a moment …" : `${predictedIsNew ? "new, " : ""}${at(predictedOf)}`;
      say(parts.noisy.caption, isOfNew ? `the network's state, ${at(t)}` : `noisy, ${at(t)}`);
      // Nobody has moved anything when the first prediction is there: no text moves, and another one comes.
      for (const name of ["network", "exact"]) {
        const { caption } = parts[name];
        const text = `${name}, ${of}`;
        if (caption.textContent !== text) caption.replaceChildren(text);
      }

      const [, network, exact, truth] = colours.map((colour) => colour.join(", "));
      const where = isOfNew ? `A new picture, t = ${t}` : `t = ${t}: alpha_bar is ${alphaBar.toPrecision(3)}`;
      const known = isOfNew ? "" : `; the photograph has ${truth}`;
      const from = `The exact answer is made from ${effective.toFixed(1)} patches (as an effective number); the likeliest has ${perCent(most)} of the weight.`;
      const pictures = isOfNew && predictedIsNew ? ` The correlation of the two pictures is ${figure.rounded(alike, 2)}, as deviations from the photograph's mean colour.` : "";
      const told = `${where}. At (${pixel.join(", ")}), the network predicts ${network} (red, green, blue), and the exact denoiser ${exact}${known}. ${from}${pictures}`;
      const both = `what the network and the exact denoiser make of it, each pixel from the ${VIEW} × ${VIEW} around it`;
      return {
        told,
        isPassing: figure.tape.isPlaying || !isThere,
        caption: isOfNew
          ? `Two new pictures from the same noise, at t = ${t}: ${both}. Below, what both predict at one pixel of the network's state, and the patches of the photograph that weigh most in the exact answer.`
          : `The mandrill at t = ${t}, ${SIDE} × ${SIDE} pixels that are wrapped round, and ${both}. Below, what both predict at one pixel, and the patches of the photograph that weigh most in the exact answer.`,
        alt: `A noisy picture, two predictions of it, and the photograph. ${told}`,
      };
    },

    toAddress: ({ pixel }, state) => state.set("pixel", pixel.join()),

    fromAddress(figure, asked) {
      const pixel = (asked.get("pixel") ?? "").split(",").map((place) => (place === "" ? NaN : Number(place)));
      const isOne = pixel.length === 2 && pixel.every((place) => Number.isInteger(place) && 0 <= place && place < SIDE);
      figure.pixel = isOne ? pixel : PIXEL;
      figure.wasNew = asked.get("picture") === "new";
    },
  };
})();
