// What is sent, when: one message at a time, again under the same id after a lost connection, never twice, never lost.

import { newId, one } from "../browser/dom.js";
import { Outbox } from "../browser/outbox.js";
import { chosenTools, lockTools } from "../tools/choice.js";
import { question, setSent, setWaiting } from "./bubbles.js";

const BUSY_AGAIN = 3000;
// Nothing but this page sends it: closed, it waits until the chat is open again.
const OFFLINE = "Sends when the connection is back and this chat is open";
const OFFLINE_NEW = "Sends when the connection is back and New chat is open"; // the chat has neither a name nor a row yet
const NEXT = "Sends when the running answer is done and this chat is open";
const OTHER = "Sends when your other answer is done and this chat is open";
const LATER = "Galaxy could not take it just now. Sends again while this chat is open";
const REASONS = { busy: NEXT, too_many_answers: OTHER };

export class Sending {
  #chat;
  #outbox;
  #flying = null; // the message that is sent and not accepted yet
  #parts = new Map(); // request id -> bubble
  #reason = NEXT; // what the next message waits for

  // `chat` has socket, id, person, active, turns, gone, and is told: accepted(), refused(), busy(), waits(), tookBack().
  constructor(chat) {
    this.#chat = chat;
    this.#outbox = new Outbox(chat.person, chat.id ?? "new");
    this.#outbox.onChange(() => this.#seeGone());
    chat.socket.addEventListener("open", () => this.#again());
    chat.socket.addEventListener("down", () => this.#label());
    chat.socket.addEventListener("frame", ({ detail }) => this.#take(detail));
  }

  get isFlying() {
    return this.#flying !== null;
  }

  get hasKept() {
    return this.#outbox.messages.length > 0;
  }

  // What waited when the page was left.
  restore() {
    for (const message of this.#outbox.messages) this.#show(message);
    this.flush();
  }

  add(text, model) {
    const message = { requestId: newId(), text: text.toWellFormed(), model, tools: chosenTools() }; // half a character cannot be stored
    this.#outbox.add(message);
    this.#show(message);
    this.flush();
  }

  rename(id) {
    this.#outbox.rename(id, this.#isShown);
  }

  // Each tab sends what it shows. Where two show one, its request id makes one run of it.
  flush() {
    const message = this.#outbox.messages.find(this.#isShown);
    if (message && !this.#flying && !this.#chat.active && !this.#chat.isNaming) {
      const payload = { text: message.text, model: message.model, tools: message.tools, conversation_id: this.#chat.id ?? undefined, render: true };
      if (this.#chat.socket.send("chat", payload, message.requestId)) this.#flying = message;
    }
    this.#label();
  }

  #isShown = ({ requestId }) => this.#parts.has(requestId);

  #again() {
    this.#flying = null;
    this.flush();
  }

  #show(message) {
    const part = question(message);
    this.#parts.set(message.requestId, part);
    this.#chat.turns.append(part);
  }

  #take(frame) {
    if (!this.#flying) return;
    // A frame that could not be read at all names no request: what is under way was not taken.
    if (frame.status === "error" && !frame.request_id && !frame.run_id) return this.#refused({ ...frame.error, retryable: false });
    if (frame.request_id !== this.#flying.requestId) return;
    if (frame.status === "accepted") this.#accepted(frame);
    else if (frame.status === "error" && !frame.run_id) this.#refused(frame.error);
  }

  #accepted(frame) {
    const { requestId } = this.#flying;
    const part = this.#parts.get(requestId);
    this.#flying = null;
    this.#reason = NEXT;
    this.#parts.delete(requestId);
    this.#outbox.remove(requestId);
    setWaiting(part, "");
    setSent(part);
    lockTools();
    this.#chat.accepted(frame, part);
    this.flush();
  }

  #refused({ code, message, retryable, retry_after: after }) {
    const flying = this.#flying;
    this.#flying = null;
    if (retryable) {
      this.#seeGone();
      this.#reason = REASONS[code] ?? LATER;
      if (code === "busy") this.#chat.busy();
      if (code === "too_many_answers") this.#chat.waits(flying);
      setTimeout(() => this.flush(), after ? after * 1000 : BUSY_AGAIN);
    } else {
      this.#takeBack(flying);
      if (code === "not_found") this.#chat.gone.say();
      else this.#chat.refused(message);
    }
    this.#label();
  }

  #takeBack({ requestId, text }) {
    this.#outbox.remove(requestId);
    this.#parts.get(requestId).remove();
    this.#parts.delete(requestId);
    this.#chat.composer.give(text);
  }

  #takenBack(message) {
    this.#takeBack(message);
    this.#chat.tookBack();
  }

  #seeGone() {
    const kept = new Set(this.#outbox.messages.map(({ requestId }) => requestId));
    for (const [requestId, part] of this.#parts) {
      if (kept.has(requestId) || this.#flying?.requestId === requestId) continue;
      part.remove();
      this.#parts.delete(requestId);
    }
  }

  #label() {
    const offline = this.#chat.id ? OFFLINE : OFFLINE_NEW;
    for (const message of this.#outbox.messages) {
      const part = this.#parts.get(message.requestId);
      const isFlying = this.#flying?.requestId === message.requestId;
      const reason = isFlying ? "" : this.#chat.socket.isOpen ? this.#reason : offline;
      if (part) setWaiting(part, reason, () => this.#takenBack(message));
    }
  }
}
