// Part I: digits out of the same noise with each sampler, in a few steps.
"use strict";

(() => {
  /** Digits of each sampler, and the side of one in pixels. */
  const COUNT = 10;
  const DIGIT = 8;
  const WIDTH = COUNT * (DIGIT + 1) - 1;
  const GUIDANCE = 1;
  const { element, Digits, EACH, Names } = window.liveParts;
  const SAMPLERS = Names.samplers;
  /** The last of them has a command. */
  const [, COMMANDED] = SAMPLERS.at(-1);

  const digits = new Digits({ usual: EACH, slice: 5 });

  window.liveKinds["part-i-digits"] = {
    ...digits.shared(),
    module: "samplers",
    inputs: [{ name: "steps", text: "steps", min: 2, max: 50, step: 1, value: 5 }],

    command({ steps }, { label, seed }) {
      const flags = `--model data/evidence/digits.safetensors${Digits.option(label)} --samples ${COUNT} --steps ${steps}`;
      return `cargo run -p part-i-samplers -- ${flags} --sampler ${COMMANDED}${seed ? ` --seed ${seed}` : ""}`;
    },

    build(figure) {
      figure.label ??= EACH;
      for (const [name] of SAMPLERS) {
        const canvas = element("canvas", { width: WIDTH, height: DIGIT });
        const caption = element("span", { className: "name", textContent: name });
        figure.pictures.append(element("div", { className: "frame" }, caption, canvas));
        figure.frames.push({ canvas, caption, context: canvas.getContext("2d") });
      }
    },

    begin(figure) {
      const { label, controls, seed } = figure;
      [figure.remaining] = figure.call("begin", label, GUIDANCE, COUNT, controls.values.steps, seed);
    },

    draw(figure, { steps }) {
      const { label, lessons } = figure;
      digits.advance(figure);
      const contrasts = SAMPLERS.map(([name], sampler) => {
        const [evaluations, contrast] = figure.call("sheet", sampler, COUNT);
        const { context, caption } = figure.frames[sampler];
        context.putImageData(lessons.image(WIDTH, DIGIT), 0, 0);
        const count = `${evaluations} evaluation${evaluations === 1 ? "" : "s"}`;
        caption.textContent = `${name}: ${count}, contrast ${contrast.toFixed(3)}`;
        return [contrast, name];
      });
      const [least, ...others] = contrasts.sort(([one], [other]) => one - other);
      const most = others.at(-1);
      const asked = Digits.told(label);
      const end = `${least[1]} has the least contrast, ${least[0].toFixed(3)}, and ${most[1]} the most, ${most[0].toFixed(3)}: the standard deviation of all pixels, which go from -1 to 1.`;
      const told = `Asked for ${asked}, in ${steps} steps: ${figure.remaining ? `${SAMPLERS.length - figure.remaining} of ${SAMPLERS.length} samplers are done.` : end}`;
      return {
        told,
        isPassing: figure.remaining > 0,
        caption: `${COUNT} digits with each of ${SAMPLERS.length} samplers, out of the same noise, in ${steps} steps at trailing timesteps; asked for ${asked}, with a guidance scale of ${GUIDANCE}.`,
        alt: `${SAMPLERS.length} rows of ${COUNT} small pictures. ${told}`,
      };
    },
  };
})();
