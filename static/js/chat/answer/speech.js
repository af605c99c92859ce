// An answer for screen readers: whole sentences, politely, not every token.

import { announce } from "../../browser/dom.js";

const EVERY = 1500;
const END = /[.!?…:]["')\]]*(\s|$)|\n/g;

export class Speech {
  #said = 0;
  #last = 0;

  // What was there before the page listened is not read out.
  skip(text) {
    this.#said = text.length;
  }

  hear(text, isOver = false) {
    const now = performance.now();
    if (!isOver && now - this.#last < EVERY) return;
    const ends = [...text.slice(this.#said).matchAll(END)];
    const end = isOver ? text.length : ends.length ? this.#said + ends.at(-1).index + ends.at(-1)[0].length : this.#said;
    const words = text.slice(this.#said, end).replace(/^[ \t]*[-+] |[*_`#>|~]+/gm, "").trim();
    this.#said = end;
    if (!words) return;
    this.#last = now;
    announce(words);
  }
}
