// The line that says what happens besides text, and its list of steps.

import { make, one, setIcon } from "../../browser/dom.js";
import { setProgress } from "./drawn.js";
import { Timed, span } from "./timed.js";

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
    setProgress(one(".progress", this.part), data.progress);
    if (type !== "thinking") this.#list(type, data, timestamp); // a notice replaces the line, the list does not grow
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

  // Where calls of tools stand in the answer, they tell what was done.
  end(isTold) {
    this.#line.end();
    if (this.isPlain || isTold) return this.part.remove();
    const icon = one("summary > .icon", this.part);
    setIcon(icon, "circle-check");
    icon.classList.remove("spinner", "is-accent");
    icon.classList.add("is-ok");
    one(".steps-now > b", this.part).textContent = `${this.#total} steps`;
    one(".steps-now > span", this.part).textContent = "";
    one(".progress", this.part).hidden = true;
  }
}
