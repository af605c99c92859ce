// A piece of an answer that is text: the server's blocks, and behind them what has no block yet.

import { element } from "../../browser/dom.js";
import { Blocks } from "./blocks.js";

const QUIET_AFTER = 1500; // the caret shows only while text is coming

export class Prose {
  #blocks;
  #isChanged = true;
  #lastText = performance.now();
  #quiet = 0;
  text = "";

  // It begins with event `number`, after `start` characters of text.
  constructor(number, start) {
    this.number = number;
    this.start = start;
    this.part = element("div", "prose");
    this.part.dataset.piece = number;
    this.#blocks = new Blocks(this.part);
  }

  add(words) {
    this.text += words;
    this.#lastText = performance.now();
    this.#isChanged = true;
  }

  show(block) {
    this.#blocks.take({ ...block, upto: block.upto - this.start });
    this.#isChanged = true;
  }

  draw(isOpen, again) {
    const isComing = isOpen && performance.now() - this.#lastText < QUIET_AFTER;
    clearTimeout(this.#quiet);
    if (isComing) this.#quiet = setTimeout(() => this.#rest(again), QUIET_AFTER + 50);
    if (!this.#isChanged) return;
    this.#blocks.draw(this.text, isComing);
    this.#isChanged = false;
  }

  // Nothing more comes for now.
  #rest(again) {
    this.#isChanged = true;
    again();
  }

  end() {
    this.#isChanged = true; // without its caret
  }
}
