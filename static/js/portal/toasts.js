// Short messages at the edge of the page, from script or in an answer of the server, with a way back where there is one.

import { Outbox } from "../browser/outbox.js";
import { all, make, one, setIcon } from "../browser/dom.js";

const SECONDS = 6;

const place = document.getElementById("toasts");
const countdowns = new WeakMap(); // toast -> its time

// Above all that is open: the drawer of a phone would cover it.
function raise() {
  place.popover = "manual"; // a page drawn with one shows it without script, too
  if (place.matches(":popover-open")) place.hidePopover();
  place.showPopover();
}

// Calls `then` after the time, which stands still while someone points at the part or has the focus in it.
class Countdown {
  #timer = 0;
  #holds = new Set();
  hadFocus = false; // and lost it to nothing else: with what was pressed

  constructor(part, seconds, then) {
    this.go = () => (this.#timer = setTimeout(then, seconds * 1000));
    for (const [begin, end] of [["pointerenter", "pointerleave"], ["focusin", "focusout"]]) {
      part.addEventListener(begin, () => this.#hold(begin));
      part.addEventListener(end, () => this.#release(begin));
    }
    part.addEventListener("focusin", () => (this.hadFocus = true));
    part.addEventListener("focusout", ({ relatedTarget }) => (this.hadFocus = relatedTarget === null));
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

// What waited in a deleted chat to be sent is forgotten with the last way back.
function end(part) {
  const { deleted } = part.dataset;
  if (deleted) new Outbox(one("[data-chat]").dataset.person, deleted).clear();
  part.remove();
}

function begin(part) {
  countdowns.set(part, new Countdown(part, Number(part.dataset.seconds ?? SECONDS), () => end(part)));
  one("[data-dismiss]", part).addEventListener("click", () => end(part));
}

function gone(part) {
  const countdown = countdowns.get(part);
  countdown.stop();
  if (countdown.hadFocus && document.activeElement === document.body) document.getElementById("message")?.focus();
}

function look(added, removed) {
  added.forEach(begin);
  removed.forEach(gone);
  if (!place.childElementCount) place.hidePopover();
  else if (added.length) raise();
}

// `link` leads somewhere: { words, href }.
export function toast(words, { icon = "info", seconds = SECONDS, link = null } = {}) {
  const part = make("toast-template");
  setIcon(one(".icon", part), icon);
  one(".title", part).textContent = words;
  if (link) Object.assign(one("[data-link]", part), { textContent: link.words, href: link.href, hidden: false });
  part.dataset.seconds = seconds;
  place.append(part);
}

const toasts = (nodes) => [...nodes].filter((node) => node.matches?.(".toast"));
const changes = (records, kind) => records.flatMap((record) => toasts(record[kind]));

if (place) {
  look(all(".toast", place), []);
  new MutationObserver((records) => look(changes(records, "addedNodes"), changes(records, "removedNodes"))).observe(place, {
    childList: true,
  });
}
