// The chat's connection: a socket that comes back by itself, or requests where a proxy passes no sockets.
// Events: "open", "down", "frame" (detail: the frame), "refused" (detail: why no page here may have one), "signed-out".

import { Requests } from "./requests.js";
import { api } from "../browser/rest.js";
import { ENDED, HOLDS, signIn } from "../browser/session.js";

const FIRST_WAIT = 250;
const LONGEST_WAIT = 15000;
const PING_EVERY = 20000;
const PONG_WITHIN = 10000;
const FAILED_HANDSHAKES = 3; // while requests pass: then it is not the connection
const NO_SOCKET = "no-socket"; // in this tab's storage: its pages need not find out anew
const SOCKET_AGAIN = 300000;
const FAILED = 1006; // no close code came: the handshake was refused, or the connection broke
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
  #isUp = false;
  #isHeard = false; // something came over this socket
  #unheard = sessionStorage.getItem(NO_SOCKET) ? FAILED_HANDSHAKES - 1 : 0; // handshakes that failed while requests passed
  #requests = null; // what carries the chat where no socket can be had
  #isRefused = false; // closed as not signed in, and not answered since
  isSwitchedOff = false; // by the operator
  isForeign = false; // a page at an address that is not Galaxy's
  isSignedOut = false; // until a connection answers again
  downSince = performance.now();
  nextTry = performance.now();

  constructor(address) {
    super();
    this.#address = address;
    addEventListener("online", () => this.tryNow());
    addEventListener("offline", () => this.#socket?.close());
    addEventListener("pageshow", () => this.tryNow());
    document.addEventListener("visibilitychange", () => !document.hidden && this.#check());
    this.#connect();
  }

  get isOpen() {
    return this.#isUp || this.#requests !== null;
  }

  // The chat goes on by requests.
  get isBypassed() {
    return !this.#isUp && this.#requests !== null;
  }

  // False where it could not be sent; the caller keeps what it wanted to say.
  send(action, payload, requestId = action) {
    if (this.isBypassed) return this.#requests.send(action, payload, requestId);
    if (!this.#isUp) return false;
    this.#say(action, payload, requestId);
    return true;
  }

  tryNow() {
    if (this.#socket || this.isSwitchedOff) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  // No more retries, until the page is looked at again: the user may have signed in from another tab.
  signOut() {
    clearTimeout(this.#timer);
    this.isSignedOut = true;
    this.#closeRequests();
    if (this.#socket) this.#drop();
    this.#tell("signed-out");
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #say(action, payload, requestId = action) {
    this.#socket.send(JSON.stringify({ action, request_id: requestId, payload }));
  }

  #connect() {
    const socket = new WebSocket(this.#address);
    this.#socket = socket;
    this.#isHeard = false;
    socket.addEventListener("open", () => socket === this.#socket && this.#opened());
    socket.addEventListener("message", (event) => socket === this.#socket && this.#received(event.data));
    socket.addEventListener("close", (event) => socket === this.#socket && this.#closed(event.code));
  }

  // Some proxies let a socket open and pass nothing: requests carry the chat until it has said something.
  #opened() {
    this.#ping = setInterval(() => this.#askForPong(), PING_EVERY);
    this.#askForPong(); // the pong says that the sign-in holds
    if (!this.#requests) this.#takeOver();
  }

  #takeOver() {
    this.#isUp = true;
    this.isForeign = false;
    sessionStorage.removeItem(NO_SOCKET);
    this.#closeRequests();
    this.#tell("open");
  }

  #received(data) {
    clearTimeout(this.#pong); // any frame is a sign of life
    this.#pong = 0;
    this.#tries = this.#unheard = 0;
    this.#isHeard = true;
    const frame = JSON.parse(data);
    if (frame.status !== "error") this.#isRefused = this.isSignedOut = false;
    if (!this.#isUp && frame.status !== "error") this.#takeOver();
    if (frame.status !== "pong") this.#tell("frame", frame);
  }

  #check() {
    if (this.#socket) this.#askForPong();
    else this.tryNow();
  }

  #askForPong() {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#say("ping", {});
    this.#pong ||= setTimeout(() => this.#drop(), PONG_WITHIN);
  }

  // A connection that does not answer may stay "open" for minutes: it is given up, not waited for.
  #drop() {
    const dead = this.#socket;
    this.#closed(FAILED);
    dead.close();
  }

  #closed(code) {
    clearInterval(this.#ping);
    clearTimeout(this.#pong);
    this.#pong = 0;
    if (this.#isUp) this.downSince = performance.now();
    this.#isUp = false;
    this.#socket = null;
    if (code === SWITCHED_OFF) return this.#switchedOff();
    if (this.#requests || this.isForeign) return this.#retry(SOCKET_AGAIN);
    if (code === NOT_SIGNED_IN) this.#refused();
    else if (!this.isSignedOut) this.#retry(code === TOO_SLOW ? 0 : this.#wait());
    if (!this.#isHeard && code !== NOT_SIGNED_IN) this.#askWhy(code);
    this.#tell("down");
  }

  // Once more with what the browser has now: a proxy's statement may be newer than the one that this socket came with.
  #refused() {
    if (this.#isRefused) return this.signOut();
    this.#isRefused = true;
    this.#retry(0);
  }

  async #askWhy(code) {
    const state = await signIn();
    if (this.isOpen) return;
    if (state === ENDED) return this.signOut();
    this.#unheard = state === HOLDS && code === FAILED ? this.#unheard + 1 : 0;
    if (this.#unheard >= FAILED_HANDSHAKES) await this.#bypass();
  }

  // What refuses this page's handshakes may refuse its requests, too: a page at an address that is not Galaxy's. It says so.
  async #bypass() {
    this.#unheard = FAILED_HANDSHAKES - 1; // after a lost connection one more failure is enough
    try {
      await api("POST", "without-socket");
      sessionStorage.setItem(NO_SOCKET, "1");
      if (!this.isOpen) this.#carryByRequests();
    } catch ({ status, message }) {
      if (status !== 403) return; // the connection is gone: the retry sees to it
      this.isForeign = true;
      this.#retry(SOCKET_AGAIN);
      this.#tell("refused", message);
    }
  }

  #switchedOff() {
    this.isSwitchedOff = true;
    this.#carryByRequests();
  }

  #carryByRequests() {
    this.#retry(SOCKET_AGAIN);
    this.#requests = new Requests(
      (frame) => this.#tell("frame", frame),
      () => this.#requestsFailed(),
    );
    this.#tell("open");
  }

  #requestsFailed() {
    this.#closeRequests();
    this.downSince = performance.now();
    this.isSwitchedOff = false; // the next handshake says so again
    if (!this.#socket) this.#retry(this.#wait());
    this.#tell("down");
  }

  #closeRequests() {
    this.#requests?.close();
    this.#requests = null;
  }

  // Doubling, with half of it left to chance: a restarted server is not met by everyone at once.
  #wait() {
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#tries++);
    return longest / 2 + (Math.random() * longest) / 2;
  }

  #retry(wait) {
    clearTimeout(this.#timer);
    this.nextTry = performance.now() + wait;
    this.#timer = setTimeout(() => this.tryNow(), wait);
  }
}
