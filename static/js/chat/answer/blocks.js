// The blocks of an answer that streams: finished ones are never touched again, the open one may be drawn anew.

import { dress } from "../../portal/copy.js";
import { Tail } from "./tail.js";

export class Blocks {
  #root;
  #tail;
  #caret = null;
  #nodes = [];
  #changed = new Map();
  #finished = -1; // the last finished block that is drawn
  #upto = 0;
  #isOpen = false;

  constructor(root) {
    this.#root = root;
    this.#tail = new Tail(root);
  }

  get upto() {
    return Math.max(this.#upto, ...[...this.#changed.values()].map((block) => block.upto));
  }

  take(block) {
    if (block.index > this.#finished) this.#changed.set(block.index, block);
  }

  draw(text, showsCaret) {
    this.#caret?.remove();
    if (this.#changed.size) {
      this.#tail.clear();
      for (const block of this.#changed.values()) this.#put(block);
      this.#changed.clear();
    }
    const open = this.#isOpen ? this.#nodes.at(-1) : null;
    const rest = text.slice(this.#upto);
    const end = rest || open ? this.#tail.draw(rest, open, text.slice(0, this.#upto)) : null;
    if (showsCaret) this.#showCaret(end ?? this.#nodes.at(-1) ?? this.#root);
  }

  // Nothing more comes: what is left as plain text stays, without its caret.
  end(text) {
    this.draw(text, false);
  }

  #put(block) {
    const template = document.createElement("template");
    template.innerHTML = block.html; // made safe by the server (chat/markdown.py)
    dress(template.content);
    const node = template.content.firstElementChild ?? document.createElement("span");
    if (this.#nodes[block.index]) this.#nodes[block.index].replaceWith(node);
    else this.#root.append(node);
    this.#nodes[block.index] = node;
    this.#upto = block.upto;
    this.#isOpen = block.open;
    if (!block.open) this.#finished = block.index;
  }

  #showCaret(place) {
    this.#caret ??= Object.assign(document.createElement("span"), { className: "caret", ariaHidden: "true" });
    place.append(this.#caret);
  }
}
