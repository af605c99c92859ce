// The decisions that the answer in the making waits for. The server draws them from its rows, so every page shows the same:
// after a reload, and after a decision on another device.

import { all, element, one } from "../browser/dom.js";
import { Refused, api } from "../browser/rest.js";
import { htmx } from "../portal/live.js";
import { toast } from "../portal/toasts.js";

const GATHER = 60; // several calls ask at once
const TOLD_FOR = 15000;
const OFF = "single-keys-off";
const KEYS = { a: "once", d: "deny" };

export class Approvals {
  #chat;
  #place = null;
  #timer = 0;
  #told = 0;

  // `chat` has id.
  constructor(chat) {
    this.#chat = chat;
    for (const topic of ["approvals", "runs"]) {
      document.body.addEventListener(`notice:${topic}`, ({ detail }) => this.#concerns(detail ?? {}) && this.see());
    }
    document.addEventListener("submit", (event) => event.target.matches("[data-decision]") && this.#decide(event));
    document.addEventListener("keydown", (event) => this.#pressed(event));
  }

  // An answer is in the making: where its questions stand.
  begin(article) {
    this.#place = element("div", "approvals");
    article.append(this.#place);
  }

  end() {
    clearTimeout(this.#timer);
    this.#place?.remove();
    this.#place = null;
  }

  see() {
    clearTimeout(this.#timer);
    if (this.#place) this.#timer = setTimeout(() => this.#fetch(), GATHER);
  }

  #concerns({ data = null }) {
    return this.#place && (data === null || data.conversation_id === this.#chat.id) && one(".approval", this.#place);
  }

  async #fetch() {
    const target = this.#place;
    await htmx.ajax("GET", `/c/${this.#chat.id}/approvals`, { source: target, target, swap: "innerMorph", event: new Event("notice:approvals") });
    clearTimeout(this.#told);
    if (one("[data-decided]", target) && !one(".approval", target)) this.#told = setTimeout(() => this.see(), TOLD_FOR);
  }

  async #decide(event) {
    event.preventDefault();
    const form = event.target;
    const { call, body } = this.#given(form, event.submitter.value);
    if (!body) return;
    const buttons = all("button", form);
    for (const button of buttons) button.disabled = true;
    try {
      await api("POST", `tool-calls/${call}/decision`, body);
    } catch (error) {
      for (const button of buttons) button.disabled = false;
      toast(error.message, { icon: "circle-alert" });
      if (!(error instanceof Refused)) return;
    }
    this.see(); // decided here, or elsewhere before
  }

  #given(form, decision) {
    const { approval: call } = form.closest(".approval").dataset;
    if (decision === "deny") return { call, body: withWords(form) };
    const edited = edits(form);
    return { call, body: edited === null ? null : { decision, ...edited } };
  }

  // Only while the question has the focus, and no one writes: Enter in a field would press the first button, which allows.
  #pressed(event) {
    const card = event.target.closest?.(".approval");
    if (card && event.key === "Enter" && event.target.matches("input")) event.preventDefault();
    const decision = KEYS[event.key.toLowerCase()];
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing && !localStorage.getItem(OFF);
    if (!decision || !card || !isPlain || event.target.matches("input, textarea")) return;
    event.preventDefault();
    one(`button[value=${decision}]`, card)?.click();
  }
}

function withWords(form) {
  const words = one("[data-words]", form).value.trim();
  return words ? { decision: "deny", words } : { decision: "deny" };
}

// The arguments where they were edited; null where something in them is not readable yet, which is said there.
function edits(form) {
  const fields = all("[data-argument]", form);
  const given = new Map();
  for (const field of fields) {
    const value = valueOf(field);
    if (value === undefined) return complain(field);
    given.set(field.dataset.argument, value);
  }
  const text = given.has("") ? JSON.stringify(given.get("")) : JSON.stringify(Object.fromEntries(given));
  return text === canonical(one("[data-edit]", form).dataset.arguments) ? {} : { arguments: JSON.parse(text) };
}

function valueOf(field) {
  const { kind } = field.dataset;
  if (kind === "boolean") return field.checked;
  if (kind === "number") return field.value === "" || Number.isNaN(Number(field.value)) ? undefined : Number(field.value);
  return kind === "json" ? parsed(field.value) : field.value;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const canonical = (text) => JSON.stringify(parsed(text));

function complain(field) {
  field.closest("details").open = true;
  field.setCustomValidity(field.dataset.kind === "number" ? "Write a number." : "This is not JSON yet.");
  field.reportValidity();
  field.addEventListener("input", () => field.setCustomValidity(""), { once: true });
  return null;
}
