// A pen in the reader's hand.
"use strict";

window.drawing = (() => {
  /** Where in the window places of the plane are, number by number. */
  const inWindow = (places) =>
    places.flatMap((place) => {
      const { left, top } = live.plane.canvas.getBoundingClientRect();
      const [x, y] = live.plane.at(place);
      return [left + x, top + y];
    });

  /** Lines to and fro, as many as there is room for: how long the link is then. */
  const scribble = () => {
    for (let row = 0; row < 60; row += 1) {
      live.strokes.begin([-120, 120 - 4 * row]);
      for (let at = 1; live.strokes.isDown && at < 40; at += 1) live.strokes.goTo([6 * at - 120, 120 - 4 * row + 6 * (at % 2)]);
      live.strokes.end();
    }
    return probe.drawn().then(() => live.controls.link().length);
  };

  return { inWindow, scribble };
})();
