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
    // Of a figure for wide pages and the one for narrow ones, only one is seen.
    const isUnseen = (element) => (element.matches(".wide, .narrow") ? [...element.parentElement.children] : [element]).every(isTiny);
    const unseen = parts.filter((element) => !element.closest("details:not([open]), .large")).filter(isUnseen);
    return unseen.map((element) => `it cannot be seen: ${probe.beginOf(element)}`);
  };

  const links = (selector = "") => [...main.querySelectorAll(`:is(.figure, .stage) > a${selector}`)];

  /** What a link to a figure shows of it. */
  const shown = (link) => [...link.querySelectorAll("img, svg")].find((element) => element.checkVisibility()) ?? link;

  /** Each figure is within the window, and on a phone it is the one that is made for it. */
  const wholeFigures = () => {
    const isWhole = (figure) => {
      const { left, right } = figure.getBoundingClientRect();
      const { scrollWidth, clientWidth } = figure.parentElement;
      return left >= 0 && right <= innerWidth && scrollWidth <= clientWidth && figure.matches(".narrow") === innerWidth <= 600;
    };
    const cut = links(":has(.narrow)").filter((link) => link.checkVisibility()).map(shown).filter((it) => !isWhole(it));
    return cut.map((figure) => `it is not whole: ${probe.beginOf(figure)}`);
  };

  /** What is wider than its place scrolls, shows that it does, and can be reached and has a name; and nothing else. */
  const sideways = () => {
    const isRight = (element) => {
      const hidden = element.scrollWidth - element.clientWidth - element.scrollLeft;
      const { maskImage, overflowX } = getComputedStyle(element);
      const isScrolled = element.scrollWidth - element.clientWidth > 1;
      return overflowX === "auto" && (maskImage !== "none") === isScrolled && (element.tabIndex === 0) === isScrolled &&
        element.hasAttribute("aria-label") === isScrolled && element.classList.contains("more-after") === hidden > 1;
    };
    const all = [...main.querySelectorAll(".formula, pre > code, .columns, .changes, .table-wrapper")].filter((it) => it.checkVisibility());
    return all.filter((element) => !isRight(element)).map(probe.beginOf);
  };

  /** The words of outputs that can't be seen, though they are not in columns. */
  const cutWords = () =>
    [...main.querySelectorAll(".output pre > code")].flatMap((code) => {
      const { right } = code.getBoundingClientRect();
      const texts = [...code.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE);
      return texts.filter((text) => {
        const range = new Range();
        range.selectNodeContents(text);
        return range.getBoundingClientRect().right > right;
      }).map(({ data }) => data);
    });

  /** Without scripts, too: a heading, its text, and of each live figure the static one, with words for it. */
  const readable = () => {
    const figures = links().filter((link) => link.closest("live-figure")).map(shown);
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
    [...main.querySelectorAll(":is(summary, figure > a, [tabindex='0'], input, button)")]
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

  /** The figures that are not as wide as the window when they are enlarged, and whole, with a way out that is seen. */
  const notEnlarged = () =>
    [...document.querySelectorAll(".figure > a")].flatMap((link) => {
      const before = shown(link).getBoundingClientRect().width;
      location.hash = link.hash;
      const large = document.querySelector(".large:target > a");
      const { left, width } = shown(large).getBoundingClientRect();
      const out = large.querySelector(".way-out").getBoundingClientRect();
      const isLeft = out.top >= 0 && out.right <= innerWidth && out.height >= 44;
      location.hash = large.hash;
      const isClosed = large.getBoundingClientRect().width === 0;
      const isRight = left === 0 && width === innerWidth && width > before && isLeft && isClosed;
      return isRight ? [] : [[link.hash, before, left, width, isLeft, isClosed]];
    });

  /** Where a figure is that is enlarged: its left and right, the window's width, and how its label begins. */
  const enlarged = () => {
    const dialog = document.querySelector("dialog[open]");
    const { left, right } = dialog.querySelector(".room > *").getBoundingClientRect();
    return [Math.round(left), Math.round(right), innerWidth, dialog.ariaLabel.slice(0, 16)];
  };

  /** Figures that are not as large on paper as a page is wide, and enlarged ones, which are not for paper. */
  const notPrintedWell = () => {
    const isNarrow = (figure) => figure.getBoundingClientRect().width < 500;
    const figures = links().map(shown).filter(isNarrow);
    const large = [...document.querySelectorAll(".large, .enlarged")].filter((element) => element.checkVisibility());
    return [...figures, ...large].map(probe.beginOf);
  };

  /** What is printed with too little contrast to be read, or on anything but white. */
  const pale = () => {
    const rgb = (colour) => colour.match(/[0-9.]+/g).map(Number);
    const light = ([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    const paper = (element) => {
      if (!element) return [255, 255, 255];
      const colour = rgb(getComputedStyle(element).backgroundColor);
      return colour[3] === 0 ? paper(element.parentElement) : colour;
    };
    const isPale = (element) => {
      const ink = getComputedStyle(element)[element instanceof SVGElement ? "fill" : "color"];
      return light(rgb(ink)) > 128 || light(paper(element)) < 254;
    };
    const hasText = ({ childNodes }) => [...childNodes].some(({ nodeType, data }) => nodeType === Node.TEXT_NODE && data.trim());
    const texts = [...main.querySelectorAll("*")].filter((element) => element.checkVisibility() && hasText(element));
    return texts.filter(isPale).map(probe.beginOf);
  };

  /** The words for which a search finds neither a section of that name first, nor their entry in the glossary among the
   * first two. */
  const notFound = () => {
    const { index, doc_urls: addresses, search_options: options } = window.search;
    const found = elasticlunr.Index.load(index);
    const first = (word) => found.search(word, options).slice(0, 2);
    const terms = [...document.querySelectorAll("#glossary ~ h3")].flatMap(({ id, textContent }) =>
      textContent.split(", ").map((word) => [word, `notation-and-glossary.html#${id}`]));
    const isFound = ([word, address]) =>
      first(word)[0].doc.title.toLowerCase().includes(word.toLowerCase()) || first(word).some(({ ref }) => addresses[ref] === address);
    return terms.length > 100 ? terms.filter((term) => !isFound(term)) : terms;
  };

  return {
    allSeen, chooseTheme, cutWords, enlarged, links, noSidewaysScrolling, notEnlarged, notFound, notPrintedWell, pale,
    readable, refused, sidebar, sideways, stops, theme, watchFocus, wholeFigures,
  };
})();
