// What is sent, when: one message at a time, again under the same id after a lost connection, never twice, never lost.

import { newId, one } from "./part.js";
import { Outbox } from "./outbox.js";
import { question, setSent, setWaiting } from "./questions.js";

const BUSY_AGAIN = 3000;
const OFFLINE = "Sends when the connection is back";
const NEXT = "Sends when the running answer is done";

export class Sending {
  #chat;
  #outbox;
  #flying = null; // the message that is sent and not accepted yet
  #parts = new Map(); // request id -> bubble

  // `chat` has socket, id, active, turns, and is told: accepted(), refused(), busy().
  constructor(chat) {
    this.#chat = chat;
    this.#outbox = new Outbox(chat.id ?? "new");
    chat.socket.addEventListener("open", () => this.#again());
    chat.socket.addEventListener("down", () => this.#label());
    chat.socket.addEventListener("frame", ({ detail }) => this.#take(detail));
  }

  get isFlying() {
    return this.#flying !== null;
  }

  get count() {
    return this.#parts.size;
  }

  // What waited when the page was left.
  restore() {
    for (const message of this.#outbox.messages) this.#show(message);
    this.flush();
  }

  add(text, model) {
    const message = { requestId: newId(), text, model };
    this.#outbox.add(message);
    this.#show(message);
    this.flush();
  }

  rename(id) {
    this.#outbox.rename(id);
  }

  flush() {
    const message = this.#outbox.messages[0];
    if (message && !this.#flying && !this.#chat.active) {
      const payload = { text: message.text, model: message.model, conversation_id: this.#chat.id ?? undefined, render: true };
      if (this.#chat.socket.send("chat", payload, message.requestId)) this.#flying = message;
    }
    this.#label();
  }

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
    if (!this.#flying || frame.request_id !== this.#flying.requestId) return;
    if (frame.status === "accepted") this.#accepted(frame);
    else if (frame.status === "error" && !frame.run_id) this.#refused(frame.error);
  }

  #accepted(frame) {
    const { requestId } = this.#flying;
    const part = this.#parts.get(requestId);
    this.#flying = null;
    this.#parts.delete(requestId);
    this.#outbox.remove(requestId);
    setWaiting(part, "");
    setSent(part);
    this.#chat.accepted(frame, part);
    this.#label();
  }

  #refused({ code, message, retryable, retry_after: after }) {
    const flying = this.#flying;
    this.#flying = null;
    if (retryable) {
      this.#chat.busy(code === "busy" ? "" : message);
      setTimeout(() => this.flush(), after ? after * 1000 : BUSY_AGAIN);
    } else {
      this.#takeBack(flying);
      this.#chat.refused(message);
    }
    this.#label();
  }

  #takeBack({ requestId, text }) {
    this.#outbox.remove(requestId);
    this.#parts.get(requestId).remove();
    this.#parts.delete(requestId);
    this.#chat.composer.give(text);
  }

  #label() {
    for (const message of this.#outbox.messages) {
      const part = this.#parts.get(message.requestId);
      const isFlying = this.#flying?.requestId === message.requestId;
      const reason = isFlying ? "" : this.#chat.socket.isOpen ? NEXT : OFFLINE;
      if (part) setWaiting(part, reason, () => this.#takeBack(message));
    }
  }
}
