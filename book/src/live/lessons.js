// What a live figure asks of the lessons: the chapters' own functions, compiled as modules. Loaded when the first figure begins.
"use strict";

(() => {
  const { loadOnce } = window.liveParts;

  /** What a function returned for each argument, so that it is called once. */
  const once = (call) => {
    const returned = new Map();
    return (argument) => {
      if (!returned.has(argument)) returned.set(argument, call(argument));
      return returned.get(argument);
    };
  };

  const inflate = async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };

  /** The mandrill's pixels at this side. */
  const mandrill = once(async (side) => {
    await loadOnce(`mandrill-${side}`);
    return inflate(window.diffusionMandrill[`side${side}`]);
  });

  /** What a trained network has learned, as a figure takes it. */
  const learned = once(async (name) => {
    await loadOnce(name);
    return inflate(window.diffusionNetworks[name]);
  });

  /** An instance of a module: the chapters' own functions. A worker gets this class, and nothing else of this file. */
  class Lessons {
    constructor(exports) {
      this.exports = exports;
    }

    write(place, bytes) {
      const address = this.exports[place](bytes.length);
      new Uint8Array(this.exports.memory.buffer, address, bytes.length).set(bytes);
    }

    /** Hands something in for the call that comes next. */
    give(bytes) {
      this.write("given", bytes);
    }

    /** Begins a figure of this kind: the number that it is called by. */
    begin(kind) {
      this.give(new TextEncoder().encode(kind));
      return this.call(0, "begin")[0];
    }

    /** Calls a method of a figure, or, for 0, one that all share. Returns the numbers that there are then. */
    call(figure, method, ...values) {
      this.write("said", [...new Uint8Array(Float64Array.from(values).buffer), ...new TextEncoder().encode(method)]);
      const code = this.exports.call(figure, values.length);
      if (!code) return [...new Float64Array(...this.made("numbers"))];
      throw new Error(["", "it is no picture", "there is no picture", "a value is out of its range", `there is no ${method}`][code] ?? this.text());
    }

    /** Where in the memory is what the last call has made. */
    made(what) {
      return [this.exports.memory.buffer, this.exports[what](), this.exports[`${what}_length`]()];
    }

    /** What the last call says, if it says something. */
    text() {
      return new TextDecoder().decode(new Uint8Array(...this.made("text")));
    }
  }

  /** Those of this page, and its picture: the reader's own, or else the mandrill. */
  class PageLessons extends Lessons {
    /** The mandrill's pixels at each side that figures of this page use. */
    sides = new Map();

    /** Makes the picture of this side ready. */
    use(side, pixels) {
      this.sides.set(side, pixels);
      const own = window.liveParts.picture?.pixels;
      this.give(own?.data ?? pixels);
      if (own) this.call(0, "set_picture", own.width, own.height, side);
      else this.call(0, "set_square", side);
    }

    /** Makes the picture of the page ready at each side. */
    usePicture() {
      this.sides.forEach((pixels, side) => this.use(side, pixels));
    }

    /** A state of the last call, as pixels that a canvas can take at once. */
    frame(side, index) {
      this.call(0, "frame", index);
      return this.image(side, side);
    }

    /** The pixels that the last call has made, to be kept. */
    image(width, height) {
      return new ImageData(new Uint8ClampedArray(...this.made("pixels")).slice(), width, height);
    }
  }

  /** Those of a module, once for all figures of the page. */
  const lessonsOf = once(async (name) => {
    await loadOnce(name);
    const bytes = await inflate(window.diffusionLive[name].module);
    const { module, instance } = await WebAssembly.instantiate(bytes);
    // A worker makes an instance of its own of the module.
    return Object.assign(new PageLessons(instance.exports), { module });
  });

  Object.assign(window.liveParts, { Lessons, lessonsOf, mandrill, learned });
})();
