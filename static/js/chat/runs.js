// The runs that this page follows: each frame once and in order, resumed after the last one seen, acknowledged in groups.

const ACK_FRAMES = 32;
const ACK_AFTER = 1000;

export class Runs {
  #socket;
  #followed = new Map(); // run id -> { view, seen, acknowledged, timer }

  constructor(socket) {
    this.#socket = socket;
    socket.addEventListener("open", () => this.#followed.forEach((run, id) => this.#resume(id, run)));
    socket.addEventListener("frame", ({ detail }) => this.#take(detail));
  }

  // `view` has take(frame) and, for the unnumbered frames, draws(frame). Without `first`, the run's first frame as it came
  // in answer to a question, the run is asked for.
  follow(id, view, first = null) {
    if (this.#followed.has(id)) return;
    const run = { view, seen: 0, acknowledged: 0, timer: 0 };
    this.#followed.set(id, run);
    if (first) this.#next(first, run);
    else this.#resume(id, run);
  }

  has(id) {
    return this.#followed.has(id);
  }

  #resume(id, { seen }) {
    this.#socket.send("resume", { run_id: id, after: seen, render: true }, id);
  }

  #take(frame) {
    const run = this.#followed.get(frame.run_id);
    if (frame.status === "error" && !frame.run_id) this.#gone(frame);
    if (!run) return;
    if (frame.status === "render") run.view.draws(frame);
    else if (frame.seq === run.seen + 1) this.#next(frame, run);
    else if (frame.seq > run.seen) this.#resume(frame.run_id, run);
  }

  #next(frame, run) {
    run.seen = frame.seq;
    if (run.seen - run.acknowledged >= ACK_FRAMES) this.#acknowledge(frame.run_id, run);
    else run.timer ||= setTimeout(() => this.#acknowledge(frame.run_id, run), ACK_AFTER);
    run.view.take(frame);
  }

  #acknowledge(id, run) {
    clearTimeout(run.timer);
    run.timer = 0;
    run.acknowledged = run.seen;
    this.#socket.send("ack", { run_id: id, seq: run.seen });
    if (run.view.isOver) setTimeout(() => this.#followed.delete(id), ACK_AFTER); // its last blocks come after its last event
  }

  // A resume names its run as its request: the run is refused, so it was deleted meanwhile.
  #gone({ request_id: id, error }) {
    const run = this.#followed.get(id);
    if (!run) return;
    this.#followed.delete(id);
    run.view.take({ status: "error", error });
  }
}
