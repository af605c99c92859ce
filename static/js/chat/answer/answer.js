// One answer in the making: takes the frames of its run and puts its pieces into the article, in the order in which they come.
// The rules by which an answer falls into pieces are those of `chat.delivery.drawing.pieces`.

import { Drawn } from "./drawn.js";
import { paint } from "./painter.js";
import { announce, one } from "../../browser/dom.js";
import { Prose } from "./prose.js";
import { Speech } from "./speech.js";
import { Steps } from "./steps.js";
import { Thinking } from "./thinking.js";

const CATCHING_UP = 600;

export class Answer {
  #place;
  #byServer = null; // what the server drew of this run when the page was made, by number
  #pieces = new Map(); // number of the event that began it -> piece
  #open = null; // the words that go on
  #step = 0; // how many pieces there were when the present step began
  #text = "";
  #speech = new Speech();
  #calls = new Map(); // id of a call -> { piece, title }
  #steps = null;
  #isAsking = false; // a call waits for a decision
  #born = performance.now();
  isOver = false;

  // `onEnd` is called once, with the run's last frame; `onAsk` when a decision is asked for, or was given.
  constructor(article, { onEnd, onAsk }) {
    this.article = article;
    this.onEnd = onEnd;
    this.onAsk = onAsk;
    this.#place = one("[data-live]", article);
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
    if (this.#isAsking || frame.status === "approval") this.#ask(frame.status === "approval");
    if (frame.status === "accepted") this.article.dataset.message = frame.message_id;
    else if (frame.status === "chunk") this.#chunk(frame.chunk, frame.seq);
    else if (frame.status === "event") this.#event(frame.event, frame.seq);
    else if (frame.status !== "approval") this.#end(frame);
    paint(this);
  }

  // The server's HTML of a block of text, or of another piece.
  draws({ block, piece }) {
    const number = block ? block.piece : piece.piece;
    this.#pieces.get(number)?.show?.(block ?? piece);
    paint(this);
  }

  draw() {
    for (const piece of this.#pieces.values()) piece.draw(!this.isOver && piece === this.#open, () => paint(this));
    if (performance.now() - this.#born < CATCHING_UP) this.#speech.skip(this.#text);
    else this.#speech.hear(this.#text, this.isOver);
  }

  #chunk({ type, data }, number) {
    if (type === "ui") this.#add(new Drawn(number));
    if (type !== "text" && type !== "reasoning") return;
    this.#endPlainSteps();
    this.#words(type === "text" ? Prose : Thinking, number).add(data);
    if (type === "text") this.#text += data;
  }

  #words(Kind, number) {
    if (!(this.#open instanceof Kind)) this.#open = this.#add(new Kind(number, this.#text.length));
    return this.#open;
  }

  #add(piece) {
    this.#close();
    this.#begin();
    this.#pieces.set(piece.number, piece);
    piece.keep?.(this.#byServer.get(piece.number));
    this.#place.append(piece.part);
    return piece;
  }

  #close() {
    this.#open?.end?.();
    this.#open = null;
  }

  // The server drew what there was when the page was made; the stream begins at the beginning.
  #begin() {
    if (this.#byServer) return;
    const drawn = [...this.#place.querySelectorAll(":scope > [data-piece]")];
    this.#byServer = new Map(drawn.map((part) => [Number(part.dataset.piece), part]));
    for (const part of drawn) part.remove();
  }

  // The answer waits for a person, or goes on.
  #ask(isAsking) {
    this.#isAsking = isAsking;
    if (isAsking) this.#endSteps();
    this.onAsk();
  }

  #endSteps() {
    this.#steps?.end(this.#calls.size > 0);
    this.#steps = null;
  }

  // The words themselves show now that it goes on.
  #endPlainSteps() {
    if (this.#steps?.isPlain) this.#endSteps();
  }

  // The text of this step were thoughts, as only their end told: the answer itself goes on now.
  #rethink() {
    const said = [...this.#pieces.values()].slice(this.#step).filter((piece) => !(piece instanceof Drawn));
    const [first] = said;
    if (!first) return;
    this.#text = this.#text.slice(0, first.start);
    this.#speech = new Speech();
    this.#speech.skip(this.#text);
    const thoughts = first instanceof Thinking ? first : new Thinking(first.number, first.start);
    if (thoughts !== first) first.part.replaceWith(thoughts.part);
    for (const piece of said) {
      if (piece === thoughts) continue;
      thoughts.add(piece.text);
      piece.part.remove();
      this.#pieces.delete(piece.number);
    }
    this.#pieces.set(thoughts.number, thoughts);
    this.#open = thoughts;
  }

  #event(event, number) {
    const { metadata = {} } = event.data;
    if (metadata.text_is_reasoning) return this.#rethink();
    if (event.type === "tool_selection" && metadata.calls?.length) return this.#call(metadata.calls, number);
    if (event.type === "tool_execution" && this.#calls.has(metadata.call_id)) return this.#move(metadata, event.data);
    if (event.type === "artifact_creation" && metadata.artifact_id) return void this.#add(new Drawn(number));
    if (event.type === "process_start") this.#beginStep();
    if (event.type === "process_complete" || event.type === "error") return this.#steps?.take(event);
    if (this.#steps) return this.#steps.take(event);
    this.#steps = new Steps(event);
    this.#place.append(this.#steps.part);
  }

  #beginStep() {
    this.#close();
    this.#step = this.#pieces.size;
  }

  #call(calls, number) {
    this.#endSteps();
    const piece = this.#add(new Drawn(number));
    for (const { call_id: id, title, tool } of calls) this.#calls.set(id, { piece, title: title || tool });
  }

  // Each call says its end, not its every move.
  #move({ call_id: id, state }, { progress, description }) {
    const { piece, title } = this.#calls.get(id);
    piece.move(id, { progress, description });
    const isEnd = !["running", "waiting"].includes(state);
    if (isEnd && performance.now() - this.#born > CATCHING_UP) announce(`${title} ${state === "succeeded" ? "finished" : state}`);
  }

  #end(frame) {
    this.isOver = true;
    this.#close();
    this.#endSteps();
    this.article.removeAttribute("aria-busy");
    this.article.removeAttribute("data-run");
    this.#place.removeAttribute("data-live"); // where it goes on has a place of its own
    one("h2", this.article).textContent = "Answer";
    this.onEnd(frame);
  }
}
