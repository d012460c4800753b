// mdBook's search is 48 kB, which few readers of a page need: it comes when one of them asks for it.
"use strict";

(() => {
  const waiting = [...document.querySelectorAll("script[data-src]")];
  const toggle = document.getElementById("mdbook-search-toggle");
  const KEYS = ["s", "/"];

  /** One after the other: each needs those before it. */
  const load = async () => {
    for (const { dataset } of waiting) {
      await new Promise((onload, onerror) => document.head.append(Object.assign(document.createElement("script"), { src: dataset.src, onload, onerror })));
    }
  };

  const ask = (event) => {
    const { type, key, target, altKey, ctrlKey, metaKey } = event;
    if (type === "keydown" && (!KEYS.includes(key) || altKey || ctrlKey || metaKey || target.closest("input, select, textarea"))) return;
    event.preventDefault();
    listen("removeEventListener");
    load().then(() => toggle.click(), () => listen("addEventListener"));
  };

  const listen = (method) => {
    toggle[method]("click", ask);
    document[method]("keydown", ask);
  };

  // A link may have asked already: for results, or to show what was searched for.
  if (/[?&](search|highlight)=/.test(location.search)) load();
  else if (toggle && waiting.length) listen("addEventListener");
})();
