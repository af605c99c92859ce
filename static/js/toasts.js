// Short messages at the edge of the page, with a way back where there is one.

import { make, one, setIcon } from "./part.js";

const SECONDS = 6;

const place = document.getElementById("toasts");

// Above all that is open: the drawer of a phone would cover it.
function raise() {
  if (place.matches(":popover-open")) place.hidePopover();
  place.showPopover();
}

// Calls `then` after the time, which stands still while somebody points at the part or has the focus in it.
class Countdown {
  #timer = 0;
  #holds = new Set();

  constructor(part, seconds, then) {
    this.go = () => (this.#timer = setTimeout(then, seconds * 1000));
    for (const [begin, end] of [["pointerenter", "pointerleave"], ["focusin", "focusout"]]) {
      part.addEventListener(begin, () => this.#hold(begin));
      part.addEventListener(end, () => this.#release(begin));
    }
    this.go();
  }

  #hold(reason) {
    this.#holds.add(reason);
    this.stop();
  }

  #release(reason) {
    this.#holds.delete(reason);
    this.stop();
    if (!this.#holds.size) this.go();
  }

  stop() {
    clearTimeout(this.#timer);
  }
}

// `undo` is called when the person takes it back, `done` when they did not. `takesFocus`: what had it is gone with the deed.
// Gives a way to end it early.
export function toast(words, { icon = "info", undo = null, done = null, seconds = SECONDS, takesFocus = false } = {}) {
  const part = make("toast-template");
  setIcon(one(".icon", part), icon);
  one(".title", part).textContent = words;
  let over = false;
  const end = (then) => {
    if (over) return;
    over = true;
    const hadFocus = part.contains(document.activeElement);
    part.remove();
    countdown.stop();
    if (!place.childElementCount) place.hidePopover();
    if (hadFocus && takesFocus) document.getElementById("message")?.focus();
    then?.();
  };
  const countdown = new Countdown(part, seconds, () => end(done));
  const undoButton = one("[data-undo]", part);
  undoButton.hidden = !undo;
  undoButton.addEventListener("click", () => end(undo));
  one("[data-dismiss]", part).addEventListener("click", () => end(done));
  raise();
  place.append(part);
  if (takesFocus) undoButton.focus();
  return () => end(done);
}
