// What is wider than the page scrolls sideways: it shows on which side there is more, and a keyboard reaches it.
"use strict";

(() => {
  const names = { ".formula": "Formula", "pre > code, .changes": "Code", ".columns, .table-wrapper": "Table" };

  const update = (element, name) => {
    const { scrollLeft, scrollWidth, clientWidth } = element;
    // Lengths are rounded.
    const after = scrollWidth - clientWidth - scrollLeft;
    element.classList.toggle("more-before", scrollLeft > 1);
    element.classList.toggle("more-after", after > 1);
    for (const [attribute, value] of Object.entries({ tabindex: 0, role: "group", "aria-label": name })) {
      if (scrollLeft + after > 1) element.setAttribute(attribute, value);
      else element.removeAttribute(attribute);
    }
  };

  for (const [selector, name] of Object.entries(names)) {
    for (const element of document.querySelectorAll(`main :is(${selector})`)) {
      const look = () => update(element, name);
      element.addEventListener("scroll", look, { passive: true });
      // mdBook turns pages with arrows.
      element.addEventListener("keydown", (event) => event.key.startsWith("Arrow") && event.stopPropagation());
      new ResizeObserver(look).observe(element);
      // Its own fonts may be wider.
      document.fonts.ready.then(look);
    }
  }
})();
