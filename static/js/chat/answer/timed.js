// Lines that count seconds.

import { one } from "../../browser/dom.js";

export const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
export const span = (seconds) => (seconds < 10 ? `${seconds.toFixed(1)} s` : seconds < 100 ? `${Math.round(seconds)} s` : clock(seconds));

// A line that counts the seconds until it ends.
export class Timed {
  #since;
  #timer;

  constructor(part, since) {
    this.part = part;
    this.#since = since;
    this.#tick();
    this.#timer = setInterval(() => this.#tick(), 1000);
  }

  #tick() {
    one("summary > .steps-time", this.part).textContent = clock((Date.now() - this.#since) / 1000);
  }

  end(moment = Date.now()) {
    clearInterval(this.#timer);
    const words = span(Math.max(0, moment - this.#since) / 1000);
    one("summary > .steps-time", this.part).textContent = words;
    return words;
  }
}
