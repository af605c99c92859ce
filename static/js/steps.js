// What happens besides text: the line of steps, and the thinking of a model.

import { make, one, setIcon } from "./part.js";

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const span = (seconds) => (seconds < 10 ? `${seconds.toFixed(1)} s` : seconds < 100 ? `${Math.round(seconds)} s` : clock(seconds));

// A line that counts the seconds until it ends.
class Timed {
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

export class Steps {
  #line;
  #steps = new Map();
  #total = 1;

  constructor(event) {
    const part = make("steps-template");
    this.#line = new Timed(part, event.timestamp);
    this.part = part;
    this.take(event);
  }

  // An answer made in one step needs no list of steps: the line goes when the words come.
  get isPlain() {
    return this.#total <= 1;
  }

  take({ type, data, timestamp }) {
    this.#total = Math.max(this.#total, data.totalSteps ?? 1, data.step);
    one(".steps-now > b", this.part).textContent = this.isPlain ? "" : `Step ${data.step} of ${this.#total}`;
    one(".steps-now > span", this.part).textContent = data.description;
    this.#progress(data.progress);
    if (type !== "thinking") this.#list(type, data, timestamp); // a notice replaces the line, the list does not grow
  }

  #progress(value) {
    const bar = one(".progress", this.part);
    bar.hidden = value === undefined;
    if (bar.hidden) return;
    bar.style.setProperty("--value", value);
    bar.setAttribute("aria-valuenow", Math.round(value * 100));
  }

  #list(type, data, timestamp) {
    for (const step of this.#steps.values()) this.#mark(step, "done", "check", timestamp);
    let step = this.#steps.get(data.step);
    if (!step) {
      step = { part: make("step-template"), since: timestamp };
      this.#steps.set(data.step, step);
      one(".steps-list", this.part).append(step.part);
    }
    one("span", step.part).textContent = data.description;
    if (type === "error") this.#mark(step, "failed", "circle-alert", timestamp);
    else if (type !== "process_complete") this.#mark(step, "running", "loader-circle", timestamp);
  }

  #mark({ part, since }, state, icon, timestamp) {
    part.className = state;
    setIcon(one(".icon", part), icon);
    one(".icon", part).classList.toggle("spinner", state === "running");
    one(".steps-time", part).textContent = state === "running" ? "" : span((timestamp - since) / 1000);
  }

  end() {
    this.#line.end();
    if (this.isPlain) return this.part.remove();
    const icon = one("summary > .icon", this.part);
    setIcon(icon, "circle-check");
    icon.classList.remove("spinner", "is-accent");
    icon.classList.add("is-ok");
    one(".steps-now > b", this.part).textContent = `${this.#total} steps`;
    one(".steps-now > span", this.part).textContent = "";
    one(".progress", this.part).hidden = true;
  }
}

export class Thinking {
  #line;
  #node = document.createTextNode("");

  constructor() {
    this.part = make("thinking-template");
    this.#line = new Timed(this.part, Date.now());
    one(".thinking-text", this.part).append(this.#node);
  }

  take(words) {
    this.#node.appendData(words);
  }

  end() {
    const words = this.#line.end();
    const icon = one("summary > .icon", this.part);
    setIcon(icon, "clock");
    icon.classList.remove("spinner", "is-accent");
    one(".steps-now", this.part).textContent = `Thought for ${words}`;
    one("summary > .steps-time", this.part).textContent = "";
  }
}
