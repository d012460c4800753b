// A picture of the reader's own: which files are taken, and what the figures need of them.
"use strict";

window.liveParts ??= {};
(() => {
  const { element } = window.liveParts;

  /** How the files of well-known kinds of picture begin. The page and the command refuse the same ones with the same words:
   * see `guess_format` of the crate `image`. */
  const KINDS = [
    ["PNG", /^\x89PNG\r\n\x1a\n/],
    ["JPEG", /^\xff\xd8\xff/],
    ["WEBP", /^RIFF[^]{4}WEBP/],
    ["GIF", /^GIF8[79]a/],
    ["TIFF", /^(II\*\0|MM\0\*)/],
    ["BMP", /^BM/],
    ["AVIF", /^\0\0[^]{2}ftypavif/],
  ];
  /** As large as for the command. */
  const MOST_PIXELS = 2 ** 26;
  const MOST_BYTES = 8 * MOST_PIXELS;
  /** The largest side that a picture is resized from: the figures need a fifth of it. */
  const LARGEST_SIDE = 1024;

  /** What kind of picture begins with these bytes. */
  const kindOf = (bytes) => {
    const text = String.fromCharCode(...bytes);
    return KINDS.find(([, begins]) => begins.test(text))?.[0];
  };

  /** Whether a JPEG's markers lead to an end of image. The command decodes it to find out whether all pixels are there. */
  const isWholeJpeg = (bytes) => {
    const END_OF_IMAGE = 0xd9;
    let at = bytes.indexOf(0xff, 2);
    while (at >= 0 && at + 1 < bytes.length) {
      const marker = bytes[at + 1];
      if (marker === END_OF_IMAGE) return true;
      // A stuffed zero, a restart or a fill byte. They have no segment; nor has what comes before a marker.
      if (marker === 0 || marker === 0xff || (0xd0 <= marker && marker <= 0xd8)) at += 1;
      else if (at + 3 < bytes.length) at += 2 + 256 * bytes[at + 2] + bytes[at + 3];
      else return false;
      at = bytes.indexOf(0xff, at);
    }
    return false;
  };

  /** Whether a PNG's chunks lead to an end of image. Neither its checksum nor what follows is looked at. */
  const isWholePng = (bytes) => {
    const view = new DataView(bytes.buffer);
    const IEND = 0x49454e44;
    for (let at = 8; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) {
      if (view.getUint32(at + 4) === IEND) return true;
    }
    return false;
  };

  /** The kinds that are read, here and by the command. */
  const IS_WHOLE = { PNG: isWholePng, JPEG: isWholeJpeg };

  /** The middle of a picture, as a square: what `--size` takes of it; and what is to be said of it. What is wrong with the
   * file is said as the command says it. */
  const middleOf = async (file) => {
    const begin = new Uint8Array(await file.slice(0, 32).arrayBuffer());
    const kind = kindOf(begin);
    if (!kind) throw new Error("is not a picture that can be read; expected a PNG or JPEG file");
    if (!IS_WHOLE[kind]) throw new Error(`is ${/^[AEFHI]/.test(kind) ? "an" : "a"} ${kind} picture; expected a PNG or JPEG file`);
    const tooLarge = () => new Error(`is too large to be read; expected a picture of at most ${Math.floor(MOST_PIXELS / 1e6)} million pixels`);
    if (file.size >= MOST_BYTES) throw tooLarge();
    const damaged = () => new Error("is a damaged or incomplete picture; expected a whole PNG or JPEG file");
    // There are browsers that paint the missing rest of a file that is cut off grey, and say nothing.
    if (!IS_WHOLE[kind](new Uint8Array(await file.arrayBuffer()))) throw damaged();
    // The command takes the values of a picture as they are. Of a JPEG they differ anyway, and decoding it takes long as it is.
    const colorSpaceConversion = kind === "PNG" ? "none" : "default";
    const whole = await createImageBitmap(file, { colorSpaceConversion }).catch(() => {
      throw damaged();
    });
    if (whole.width * whole.height > MOST_PIXELS) throw tooLarge();
    const side = Math.min(whole.width, whole.height);
    const [left, top] = [Math.floor((whole.width - side) / 2), Math.floor((whole.height - side) / 2)];
    const small = Math.min(side, LARGEST_SIDE);
    const context = element("canvas", { width: small, height: small }).getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(whole, left, top, side, side, 0, 0, small, small);
    whole.close();
    const pixels = context.getImageData(0, 0, small, small);
    let isOpaque = true;
    for (let place = 3; place < pixels.data.length; place += 4) isOpaque &&= pixels.data[place] === 255;
    const BITS = 24;
    const isExact = kind === "PNG" && begin[BITS] <= 8 && small === side && isOpaque;
    let note = isExact ? "" : "Your browser has decoded this picture. The command decodes it itself, and can differ by a shade.";
    if (kind === "JPEG") note += " It refuses some that browsers show: damaged ones, and a few rare kinds.";
    if (!isOpaque) note += " What is transparent is black here, where the command takes the colour that the file has there.";
    return { pixels, note };
  };

  Object.assign(window.liveParts, { middleOf });
})();
