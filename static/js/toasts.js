// Short messages at the edge of the page, with a way back where there is one.

import { make, one, setIcon } from "./part.js";

const SECONDS = 6;

// `undo` is called when the person takes it back, `done` when they did not. Gives a way to end it early.
export function toast(words, { icon = "info", undo = null, done = null, seconds = SECONDS } = {}) {
  const part = make("toast-template");
  setIcon(one(".icon", part), icon);
  one(".title", part).textContent = words;
  let over = false;
  const end = (then) => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    part.remove();
    then?.();
  };
  const timer = setTimeout(() => end(done), seconds * 1000);
  const undoButton = one("[data-undo]", part);
  undoButton.hidden = !undo;
  undoButton.addEventListener("click", () => end(undo));
  one("[data-dismiss]", part).addEventListener("click", () => end(done));
  document.getElementById("toasts").append(part);
  return () => end(done);
}
