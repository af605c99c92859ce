// A piece of an answer that is the thoughts of a model.

import { make, one, setIcon } from "../../browser/dom.js";
import { Timed } from "./timed.js";

export class Thinking {
  #line;
  #node = document.createTextNode("");
  #undrawn = "";
  #isOver = false;

  // It begins with event `number`, after `start` characters of text.
  constructor(number, start) {
    this.number = number;
    this.start = start;
    this.part = make("thinking-template");
    this.part.dataset.piece = number;
    this.#line = new Timed(this.part, Date.now());
    one(".thinking-text", this.part).append(this.#node);
  }

  add(words) {
    this.#undrawn += words;
  }

  get text() {
    return this.#node.data + this.#undrawn;
  }

  draw() {
    if (!this.#undrawn) return;
    this.#node.appendData(this.#undrawn);
    this.#undrawn = "";
  }

  end() {
    if (this.#isOver) return;
    this.#isOver = true;
    const words = this.#line.end();
    const icon = one("summary > .icon", this.part);
    setIcon(icon, "clock");
    icon.classList.remove("spinner", "is-accent");
    one(".steps-now", this.part).textContent = `Thought for ${words}`;
    one("summary > .steps-time", this.part).textContent = "";
  }
}
