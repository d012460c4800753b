// A module without any page around it: called as it is, and read to the last byte. Bytes
// come and go in base64.
(() => {
  const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

  const base64Of = (bytes) => {
    let letters = "";
    for (let at = 0; at < bytes.length; at += 32768) {
      letters += String.fromCharCode(...bytes.subarray(at, at + 32768));
    }
    return btoa(letters);
  };

  const inflated = async (base64) => {
    const stream = new Blob([bytesOf(base64)]).stream();
    const inflating = stream.pipeThrough(new DecompressionStream("deflate-raw"));
    return new Uint8Array(await new Response(inflating).arrayBuffer());
  };

  let exports;
  const write = (place, bytes) => {
    const address = exports[place](bytes.length);
    new Uint8Array(exports.memory.buffer).set(bytes, address);
  };
  const read = (what, bytesEach) => {
    const length = bytesEach * exports[`${what}_length`]();
    return base64Of(new Uint8Array(exports.memory.buffer, exports[what](), length));
  };

  window.twin = {
    // It needs nothing of the page.
    async start(name) {
      const bytes = await inflated(window.diffusionLive[name].module);
      exports = (await WebAssembly.instantiate(bytes)).instance.exports;
    },

    give: (base64) => write("given", bytesOf(base64)),

    // What the call returns, and what it has made.
    call(figure, numbers, said) {
      write("said", bytesOf(said));
      const code = exports.call(figure, numbers);
      return [`${code}`, read("numbers", 8), read("text", 1), read("pixels", 1)];
    },
  };
})();
