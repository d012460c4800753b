// A reader who presses everything, and what he has asked for by that.
"use strict";

window.early = (() => {
  const move = (input, value, event) => {
    input.value = value;
    input.dispatchEvent(new Event(event, { bubbles: true }));
  };

  /** Every button, every slider and every list; and then the figure's own buttons once more, so that what is asked for at last
   * is not what there is at first. */
  const press = () => {
    live.querySelectorAll("button").forEach((button) => button.click());
    for (const { slider, min, max } of Object.values(live.controls.fields)) move(slider, (2 * min + max) / 3, "input");
    live.querySelectorAll("select").forEach((select) => move(select, 0, "change"));
    // Those of part C take back what its sliders draw.
    if (live.getAttribute("kind") !== "part-c") Object.values(live.controls.named).reverse().forEach((button) => button.click());
  };

  /** What the reader has of it, when all that was begun has come to its end. */
  const state = async () => {
    await probe.drawn();
    return JSON.stringify({
      values: Object.values(live.controls.fields).map(({ slider, field }) => [slider.value, field.value, slider.disabled]),
      lists: [...live.querySelectorAll("select")].map(({ value }) => value),
      buttons: Object.values(live.controls.named).map((button) => [button.textContent, button.getAttribute("aria-pressed")]),
      said: [live.controls.message, live.guess?.asked, live.guess?.verdict, live.caption].map((said) => said?.textContent),
      link: live.controls.link(),
      command: live.controls.command.textContent,
      shown: probe.shown(),
    });
  };

  /** Notes what is copied from now on: `early.copied`. */
  const noteCopies = () => {
    early.copied = [];
    const writeText = async (text) => early.copied.push(text);
    Object.defineProperty(navigator, "clipboard", { value: { writeText } });
  };

  return { noteCopies, press, state };
})();
