// A piece of an answer that the server draws whole: calls of tools, what they show, what they made. What is open in it, and has
// the focus, stays so when it is drawn anew.

import { all, element, one } from "../../browser/dom.js";

const CALLS = "[data-call]";

export class Drawn {
  #html = "";
  #moved = new Map(); // id of a call -> how far it is

  constructor(number) {
    this.number = number;
    this.part = element("div", "awaited");
    this.part.dataset.piece = number;
  }

  // What the server drew when the page was made is shown until it is drawn anew.
  keep(part) {
    if (part) this.part = part;
  }

  show({ html }) {
    this.#html = html;
  }

  move(call, how) {
    this.#moved.set(call, how);
    this.#showMoves();
  }

  draw() {
    if (!this.#html) return;
    const template = document.createElement("template");
    template.innerHTML = this.#html; // made safe by the server (chat/delivery/drawing)
    this.#html = "";
    const part = template.content.firstElementChild;
    if (part && !this.#patch(part)) this.#replace(part);
    this.#showMoves();
    this.part.dispatchEvent(new Event("piece:drawn", { bubbles: true }));
  }

  #replace(part) {
    this.part.replaceWith(part);
    this.part = part;
  }

  // Cards that did not change stay the same nodes.
  #patch(part) {
    const pairs = all(CALLS, part).map((card) => [card, one(`[data-call="${CSS.escape(card.dataset.call)}"]`, this.part)]);
    if (!pairs.length || pairs.some(([, former]) => !former)) return false;
    for (const [card, former] of pairs) if (card.dataset.state !== former.dataset.state) renew(former, card);
    return true;
  }

  #showMoves() {
    for (const [call, { progress, description }] of this.#moved) {
      const card = one(`[data-call="${CSS.escape(call)}"]`, this.part);
      const bar = card && one(".progress", card);
      if (!bar) continue;
      setProgress(bar, progress);
      const note = one("[data-note]", card);
      note.textContent = description ?? "";
      note.hidden = !description;
    }
  }
}

function renew(former, card) {
  const hadFocus = former.contains(document.activeElement);
  card.open ||= former.open;
  former.replaceWith(card);
  if (hadFocus) one("summary", card).focus({ preventScroll: true });
}

export function setProgress(bar, value) {
  bar.hidden = value === undefined || value === null;
  if (bar.hidden) return;
  bar.style.setProperty("--value", value);
  bar.setAttribute("aria-valuenow", Math.round(value * 100));
}
