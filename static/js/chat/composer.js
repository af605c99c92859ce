// The composer: grows, sends with Enter, and never loses what was written.

import { all, one } from "../browser/dom.js";

const GROWS = CSS.supports("field-sizing", "content");

// Of a chat that one may only read.
export const NO_COMPOSER = { open() {}, give() {}, show() {}, focus() {} };

export class Composer {
  #field;
  #send;
  #stop;
  #place;
  #chat = null;

  constructor(form, { onSend, onStop }) {
    this.form = form;
    this.#field = one("textarea", form);
    this.#send = one("[data-send]", form);
    this.#stop = one("[data-stop]", form);
    this.#place = this.#field.dataset.place;
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      event.preventDefault();
      if (event.submitter === this.#stop) onStop();
      else this.#submit(onSend);
    });
    this.#stop.addEventListener("click", (event) => {
      event.preventDefault();
      onStop();
    });
    this.#field.addEventListener("keydown", (event) => this.#pressed(event));
    this.#field.addEventListener("input", () => this.#changed());
  }

  get model() {
    return one("input[name=model]:checked", this.form)?.value;
  }

  // Choose the model, if one is given, and return the name of the chosen one.
  choose(model) {
    all("input[name=model]", this.form).find(({ value }) => value === model)?.click();
    return this.model;
  }

  // Drafts are kept by chat; what the server gave back after a refusal counts more than a draft.
  open(chat) {
    const draft = sessionStorage.getItem(`draft:${chat}`);
    if (this.#chat === null && !this.#field.value && draft) this.#field.value = draft;
    if (this.#chat !== null) sessionStorage.removeItem(`draft:${this.#chat}`);
    this.#chat = chat;
    this.#changed();
  }

  give(text) {
    this.#field.value = [text, this.#field.value].filter(Boolean).join("\n");
    this.#changed();
    this.#field.focus();
  }

  // While an answer runs the button stops it, unless there is something to send after it.
  show({ isRunning, isOffline, isStopping }) {
    this.isRunning = isRunning;
    this.#stop.disabled = isStopping;
    this.#field.placeholder = isRunning
      ? "Add to this, or wait for the answer"
      : isOffline
        ? "Write on; it is sent when the connection is back"
        : this.#place;
    this.#buttons();
  }

  focus() {
    this.#field.focus();
  }

  #buttons() {
    const writes = this.#field.value.trim() !== "";
    this.#stop.hidden = !this.isRunning || writes;
    this.#send.hidden = !this.#stop.hidden;
  }

  #pressed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.form.requestSubmit(this.#send);
  }

  #submit(onSend) {
    const text = this.#field.value;
    if (!text.trim()) return this.focus();
    this.#field.value = "";
    this.#changed();
    onSend(text);
  }

  #changed() {
    if (this.#chat !== null) {
      if (this.#field.value) sessionStorage.setItem(`draft:${this.#chat}`, this.#field.value);
      else sessionStorage.removeItem(`draft:${this.#chat}`);
    }
    if (!GROWS) {
      this.#field.style.blockSize = "auto";
      this.#field.style.blockSize = `${Math.min(this.#field.scrollHeight, innerHeight * 0.4)}px`;
    }
    this.#buttons();
  }
}
