// A figure enlarged: whole at first, larger still when it is clicked. Without scripts, a copy lies over the page.
"use strict";

(() => {
  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const button = (textContent, onclick) => element("button", { type: "button", textContent, onclick });

  const room = element("div", { className: "room", tabIndex: 0 });
  const zoom = button("", () => setZoomed(!room.classList.contains("zoomed")));
  const close = button("Close", () => dialog.close());
  const dialog = element("dialog", { className: "enlarged" }, element("div", { className: "bar" }, zoom, close), room);
  room.setAttribute("role", "group");
  room.setAttribute("aria-label", "Figure");
  // mdBook turns pages with arrows, and keeps Escape for itself.
  addEventListener("keydown", (event) => dialog.open && event.stopPropagation(), true);
  document.body.append(dialog);

  const setZoomed = (isZoomed) => {
    room.classList.toggle("zoomed", isZoomed);
    zoom.textContent = isZoomed ? "Whole figure" : "Zoom in";
  };

  /** What is under the pointer stays under it. */
  room.onclick = ({ target, clientX, clientY }) => {
    if (target === room) return;
    const place = () => room.firstElementChild.getBoundingClientRect();
    const { left, top, width, height } = place();
    const [across, down] = [(clientX - left) / width, (clientY - top) / height];
    setZoomed(!room.classList.contains("zoomed"));
    const now = place();
    room.scrollBy(now.left + across * now.width - clientX, now.top + down * now.height - clientY);
  };

  const open = (link) => {
    const [picture, copy] = [link, document.querySelector(`${link.hash} > a`)].map((it) => it.querySelector("img, svg"));
    const enlarged = copy.cloneNode(true);
    const width = copy.viewBox?.baseVal.width ?? copy.getAttribute("width");
    const height = copy.viewBox?.baseVal.height ?? copy.getAttribute("height");
    enlarged.style.setProperty("--ratio", width / height);
    enlarged.loading = "eager";
    dialog.setAttribute("aria-label", picture.alt ?? picture.getAttribute("aria-label"));
    room.replaceChildren(enlarged);
    setZoomed(false);
    dialog.onclose = () => {
      // A figure that has come alive meanwhile has no link any more.
      const back = link.checkVisibility() ? link : Object.assign(link.closest("figure"), { tabIndex: -1 });
      back.focus({ preventScroll: true });
    };
    dialog.showModal();
    close.focus();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".figure a[href^='#large-']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
})();
