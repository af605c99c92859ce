// One answer in the making: takes the frames of its run and draws them into its article.

import { Blocks } from "./blocks.js";
import { paint } from "./painter.js";
import { one } from "./part.js";
import { Speech } from "./speech.js";
import { Steps, Thinking } from "./steps.js";

const QUIET_AFTER = 1500; // the caret shows only while text is coming
const CATCHING_UP = 600;

export class Answer {
  #prose;
  #blocks;
  #speech = new Speech();
  #text = "";
  #words = ""; // reasoning that is not drawn yet
  #steps = null;
  #thinking = null;
  #lastText = -Infinity;
  #quiet = 0;
  #born = performance.now();
  isOver = false;

  // `onEnd` is called once, with the run's last frame.
  constructor(article, onEnd) {
    this.article = article;
    this.onEnd = onEnd;
    this.#prose = one("[data-live]", article);
    article.setAttribute("aria-busy", "true");
  }

  // How much came, for the words about a lost connection.
  get length() {
    return this.#text.length;
  }

  wordsSince(length) {
    return this.#text.slice(length).match(/\S+/g)?.length ?? 0;
  }

  take(frame) {
    if (frame.status === "accepted") this.article.dataset.message = frame.message_id;
    else if (frame.status === "chunk") this.#chunk(frame.chunk);
    else if (frame.status === "event") this.#event(frame.event);
    else this.#end(frame);
    paint(this);
  }

  draws(block) {
    this.#begin();
    this.#blocks.take(block);
    paint(this);
  }

  draw() {
    this.#thinking?.take(this.#words);
    this.#words = "";
    this.#blocks?.draw(this.#text, !this.isOver && performance.now() - this.#lastText < QUIET_AFTER);
    if (performance.now() - this.#born < CATCHING_UP) this.#speech.skip(this.#text);
    else this.#speech.hear(this.#text, this.isOver);
  }

  #chunk({ type, data }) {
    if (type === "reasoning") this.#reason(data);
    if (type !== "text") return;
    this.#begin();
    this.#endPlainSteps();
    this.#endThinking();
    this.#text += data;
    this.#lastText = performance.now();
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => paint(this), QUIET_AFTER + 50);
  }

  // The server drew what there was when the page was made; the stream begins at the beginning.
  #begin() {
    if (this.#blocks) return;
    this.#prose.replaceChildren();
    this.#blocks = new Blocks(this.#prose);
  }

  #reason(words) {
    this.#endPlainSteps();
    if (!this.#thinking) {
      this.#thinking = new Thinking();
      this.#prose.before(this.#thinking.part);
    }
    this.#words += words;
  }

  #endThinking() {
    if (!this.#thinking) return;
    this.#thinking.take(this.#words);
    this.#thinking.end();
    this.#thinking = null;
    this.#words = "";
  }

  // The words themselves show now that it goes on.
  #endPlainSteps() {
    if (!this.#steps?.isPlain) return;
    this.#steps.end();
    this.#steps = null;
  }

  // All text so far were thoughts, as only their end told: the answer itself begins now.
  #rethink() {
    const text = this.#text;
    this.#text = "";
    this.#blocks = null;
    this.#speech = new Speech();
    this.#begin();
    this.#reason(text);
  }

  #event(event) {
    if (event.data.metadata?.text_is_reasoning) return this.#rethink();
    if (event.type === "process_complete" || event.type === "error") return this.#steps?.take(event);
    if (this.#steps) return this.#steps.take(event);
    this.#steps = new Steps(event);
    if (this.#text) this.#prose.after(this.#steps.part); // below what is being read
    else this.#prose.before(this.#steps.part);
  }

  #end(frame) {
    this.isOver = true;
    clearTimeout(this.#quiet);
    this.#endThinking();
    this.#steps?.end();
    this.article.removeAttribute("aria-busy");
    this.article.removeAttribute("data-run");
    one("h2", this.article).textContent = "Answer";
    this.onEnd(frame);
  }
}
