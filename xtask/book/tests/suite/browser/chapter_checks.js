// What holds for each chapter. Each check says what is wrong.
"use strict";

window.chapterChecks = (() => {
  const main = document.querySelector("main");

  const theme = (name) => {
    const { className } = document.documentElement;
    return className.includes(name) ? [] : [`its theme is ${className}`];
  };

  const noSidewaysScrolling = () => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth === clientWidth ? [] : [`it scrolls sideways by ${scrollWidth - clientWidth} pixels`];
  };

  /** Formulas, plots and pictures have a size. */
  const allSeen = () => {
    const isTiny = (element) => {
      const { width, height } = element.getBoundingClientRect();
      return width < 2 || height < 2;
    };
    const parts = [...main.querySelectorAll(".katex-html, .plot, img")];
    const unseen = parts.filter((element) => !element.closest("details:not([open]), .large")).filter(isTiny);
    return unseen.map((element) => `it cannot be seen: ${probe.beginOf(element)}`);
  };

  /** Without scripts, too: a heading, its text, and of each live figure the static one, with words for it. */
  const readable = () => {
    const figures = [...main.querySelectorAll("live-figure a > *")];
    const told = (image) => image.alt ?? image.getAttribute("aria-label");
    const isThere = (image) => told(image).length > 80 && image.getBoundingClientRect().width > 300;
    return [
      main.querySelectorAll("h1").length !== 1 && "it has not one heading",
      main.innerText.length <= 500 && "it has no text",
      ...figures.filter((image) => !isThere(image)).map((image) => `no static figure: ${probe.beginOf(image)}`),
    ].filter(Boolean);
  };

  /** What a keyboard has to reach. */
  const stops = () =>
    [...main.querySelectorAll(":is(summary, figure > a, pre > code, input, button)")]
      .filter((element) => element.checkVisibility() && !element.closest(".buttons:not(live-figure *)"));

  /** Notes what a keyboard reaches. */
  const watchFocus = () => {
    chapterChecks.reached = new Set();
    document.addEventListener("focusin", ({ target }) => chapterChecks.reached.add(target));
  };

  /** Links that a reader sees in the sidebar. */
  const sidebar = () =>
    [...document.querySelectorAll("#mdbook-sidebar .chapter-item > span > a[href]")]
      .filter((link) => link.checkVisibility())
      .map((link) => link.textContent);

  /** As a reader chooses it in the menu, when it has come to rest. */
  const chooseTheme = async (name) => {
    document.getElementById(`mdbook-theme-${name}`).click();
    await probe.drawn();
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})));
  };

  /** Which kinds of things the browser refuses to load from elsewhere. */
  const refused = async () => {
    const refused = [];
    const listen = ({ effectiveDirective }) => refused.push(effectiveDirective);
    document.addEventListener("securitypolicyviolation", listen);
    const src = "https://example.invalid/";
    const add = (name, properties) => document.body.append(Object.assign(document.createElement(name), properties));
    add("img", { src });
    add("script", { src });
    add("link", { rel: "stylesheet", href: src });
    add("iframe", { src });
    fetch(src).catch(() => {});
    await probe.until(() => refused.length === 5);
    return refused.sort();
  };

  /** The figures that are not larger when they are enlarged, or that stay so. */
  const notEnlarged = () => {
    const width = (element) => element.firstElementChild.getBoundingClientRect().width;
    return [...document.querySelectorAll(".figure > a")].flatMap((link) => {
      const before = width(link);
      location.hash = link.hash;
      const large = document.querySelector(".large:target > a");
      const after = width(large);
      location.hash = large.hash;
      const isClosed = large.getBoundingClientRect().width === 0;
      return after >= Math.max(1.2 * before, innerWidth) && isClosed ? [] : [[link.hash, before, after, isClosed]];
    });
  };

  /** Figures that are not as large on paper as a page is wide, and enlarged ones, which are not for paper. */
  const notPrintedWell = () => {
    const isNarrow = (figure) => figure.getBoundingClientRect().width < 500;
    const figures = [...document.querySelectorAll(".figure > a > *, .stage > a > *")].filter(isNarrow);
    const large = [...document.querySelectorAll(".large")].filter((element) => element.checkVisibility());
    return [...figures, ...large].map(probe.beginOf);
  };

  /** What is printed too pale to be read on white. */
  const pale = () => {
    const words = "p, code, li, h2, figcaption, .live-plot text, pre code, pre code span, td";
    const isPale = (element) => {
      const ink = getComputedStyle(element)[element instanceof SVGElement ? "fill" : "color"];
      const [red, green, blue] = ink.match(/[0-9.]+/g).map(Number);
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 128;
    };
    return [...main.querySelectorAll(words)].filter((e) => e.checkVisibility() && isPale(e)).map(probe.beginOf);
  };

  return {
    allSeen, chooseTheme, noSidewaysScrolling, notEnlarged, notPrintedWell, pale, readable, refused, sidebar, stops,
    theme, watchFocus,
  };
})();
