// The chat without a socket, where a proxy passes none: actions go by REST, and a run's frames come as server-sent events.

import { events } from "../browser/event-stream.js";
import { Refused, api } from "../browser/rest.js";

const NOTICES = "notices";
const BUSY_AGAIN = 10000;
const BAD_GATEWAY = 502; // from there on a proxy speaks, not Galaxy
const isFinal = ({ status }) => status === "complete" || status === "error";

export class Requests {
  #onFrame;
  #onFailure;
  #wasHidden = false;
  #streams = new Map(); // run id, or what NOTICES names -> AbortController

  // `onFrame` gets frames as the socket sends them. `onFailure` is called where requests do not reach Galaxy either.
  constructor(onFrame, onFailure) {
    this.#onFrame = onFrame;
    this.#onFailure = onFailure;
    document.addEventListener("visibilitychange", this.#look);
    this.#look();
  }

  send(action, payload, requestId) {
    if (action === "chat") this.#ask(payload, requestId);
    else if (action === "resume") this.#follow(payload.run_id, payload.after);
    else if (action === "stop") this.#stop(payload.run_id);
    return true; // acknowledging and pinging are for sockets
  }

  close() {
    document.removeEventListener("visibilitychange", this.#look);
    for (const id of this.#streams.keys()) this.#leave(id);
    this.#onFrame = this.#onFailure = () => {};
  }

  async #ask({ render, ...question }, requestId) {
    try {
      const started = await api("POST", "runs", { ...question, request_id: requestId });
      this.#onFrame({ status: "accepted", seq: 1, request_id: requestId, ...started });
      this.#follow(started.run_id, 1);
    } catch (error) {
      if (!(error instanceof Refused) || error.status >= BAD_GATEWAY) return this.#onFailure();
      this.#onFrame({ status: "error", request_id: requestId, error: error.failure });
    }
  }

  async #stop(runId) {
    await api("POST", `runs/${runId}/stop`).catch((error) => error instanceof Refused || this.#onFailure());
  }

  #leave(id) {
    this.#streams.get(id)?.abort();
    this.#streams.delete(id);
  }

  #follow(runId, after) {
    this.#listen(runId, `/api/runs/${runId}/events?render=true&after=${after}`, () => this.#follow(runId, after));
  }

  // Browsers allow a site few connections over HTTP/1.1: a page that no one looks at gives up this one, and may have missed
  // anything when it is back.
  #look = () => {
    if (document.hidden) {
      this.#wasHidden = true;
      return this.#leave(NOTICES);
    }
    this.#listen(NOTICES, "/api/notices", this.#look);
    if (this.#wasHidden) this.#onFrame({ status: "notice", topic: "all" });
    this.#wasHidden = false;
  };

  async #listen(id, path, again) {
    this.#leave(id);
    const controller = new AbortController();
    this.#streams.set(id, controller);
    const isLeft = () => this.#streams.get(id) !== controller;
    try {
      const isOver = await this.#read(path, controller);
      if (!isLeft() && !isOver) this.#onFailure(); // it broke off: what is followed is resumed later
    } catch (error) {
      if (isLeft()) return;
      if (error.status === 404) this.#onFrame({ status: "error", request_id: id, error: error.failure });
      else if (error.status === 429) setTimeout(() => isLeft() || again(), BUSY_AGAIN);
      else if (error.status !== 401) this.#onFailure();
    }
  }

  // True where a run's last frame was seen.
  async #read(path, controller) {
    const frames = await events(path, controller);
    let isOver = frames === null;
    for await (const frame of frames ?? []) {
      isOver ||= isFinal(frame);
      this.#onFrame(frame);
    }
    return isOver;
  }
}
