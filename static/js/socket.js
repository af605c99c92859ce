// The chat socket: stays open, comes back by itself, and tells how it is.
// Events: "open", "down", "frame" (detail: the frame), "off" (the operator switched sockets off), "signed-out".

import { hasEnded } from "./session.js";

const FIRST_WAIT = 250;
const LONGEST_WAIT = 15000;
const PING_EVERY = 20000;
const PONG_WITHIN = 10000;
const NOT_SIGNED_IN = 4401;
const TOO_SLOW = 4408;
const SWITCHED_OFF = 4503;

export class Socket extends EventTarget {
  #address;
  #socket = null;
  #tries = 0;
  #timer = 0;
  #ping = 0;
  #pong = 0;
  #isRefused = false; // closed as not signed in, and not answered since
  isSignedOut = false; // until a connection answers again
  downSince = performance.now();
  nextTry = performance.now();
  isOpen = false;

  constructor(address) {
    super();
    this.#address = address;
    addEventListener("online", () => this.tryNow());
    addEventListener("offline", () => this.#socket?.close());
    addEventListener("pageshow", () => this.tryNow());
    document.addEventListener("visibilitychange", () => !document.hidden && this.#check());
    this.#connect();
  }

  // False where it could not be sent; the caller keeps what it wanted to say.
  send(action, payload, requestId = action) {
    if (!this.isOpen) return false;
    this.#socket.send(JSON.stringify({ action, request_id: requestId, payload }));
    return true;
  }

  tryNow() {
    if (this.#socket) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  // No more retries, until the page is looked at again: the user may have signed in from another tab.
  signOut() {
    clearTimeout(this.#timer);
    this.isSignedOut = true;
    if (this.#socket) this.#drop();
    this.#tell("signed-out");
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #connect() {
    const socket = new WebSocket(this.#address);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#opened());
    socket.addEventListener("message", (event) => socket === this.#socket && this.#received(event.data));
    socket.addEventListener("close", (event) => socket === this.#socket && this.#closed(event.code));
  }

  #opened() {
    this.isOpen = true;
    this.#ping = setInterval(() => this.#check(), PING_EVERY);
    this.#check(); // the pong says that the sign-in holds
    this.#tell("open");
  }

  #received(data) {
    clearTimeout(this.#pong); // any frame is a sign of life
    this.#pong = 0;
    this.#tries = 0;
    const frame = JSON.parse(data);
    if (frame.status !== "error") this.#isRefused = this.isSignedOut = false;
    if (frame.status !== "pong") this.#tell("frame", frame);
  }

  #check() {
    if (!this.isOpen) return this.tryNow();
    this.send("ping", {});
    this.#pong ||= setTimeout(() => this.#drop(), PONG_WITHIN);
  }

  // A connection that nobody answers on may stay "open" for minutes: it is given up, not waited for.
  #drop() {
    const dead = this.#socket;
    this.#closed(1006);
    dead.close();
  }

  #closed(code) {
    clearInterval(this.#ping);
    clearTimeout(this.#pong);
    this.#pong = 0;
    const wasOpen = this.isOpen;
    if (wasOpen) this.downSince = performance.now();
    this.isOpen = false;
    this.#socket = null;
    if (code === SWITCHED_OFF) return this.#tell("off");
    if (code === NOT_SIGNED_IN) this.#refused();
    else if (!this.isSignedOut) this.#retry(code === TOO_SLOW ? 0 : this.#wait());
    if (!wasOpen && code !== NOT_SIGNED_IN) this.#askWhy();
    this.#tell("down");
  }

  // Once more with what the browser has now: a proxy's statement may be newer than the one that this socket came with.
  #refused() {
    if (this.#isRefused) return this.signOut();
    this.#isRefused = true;
    this.#retry(0);
  }

  async #askWhy() {
    if ((await hasEnded()) && !this.isOpen) this.signOut();
  }

  // Doubling, with half of it left to chance: a restarted server is not met by everybody at once.
  #wait() {
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#tries++);
    return longest / 2 + (Math.random() * longest) / 2;
  }

  #retry(wait) {
    this.nextTry = performance.now() + wait;
    this.#timer = setTimeout(() => this.#connect(), wait);
  }
}
