// One quiet line above the composer about the connection: nothing for 2 s, then what is so, never in red.

import { one } from "../browser/dom.js";

const QUIET = 2000;
const LONG = 20000;
const BACK_FOR = 2000;
const BYPASSED_FOR = 8000;
const TOLD = "bypass-told";
const BYPASSED = "Connected without a socket; answers come by plain requests instead.";
const CATCHING_UP = 500;
const CAUGHT_UP_AFTER = 2500; // at the latest, where an answer goes on and nothing of it came yet
const ICONS = { waiting: 0, away: 1, back: 2, bypassed: 2, ended: 1, refused: 1 };

export class Connection {
  #socket;
  #line;
  #answer;
  #timer = 0;
  #catching = 0;
  #lengthBefore = 0;

  // `answer` gives the answer that is in the making, or null.
  constructor(socket, line, answer) {
    this.#socket = socket;
    this.#line = line;
    this.#answer = answer;
    socket.addEventListener("down", () => this.#watch());
    socket.addEventListener("open", () => this.#back());
    socket.addEventListener("signed-out", () => this.#ended());
    socket.addEventListener("refused", ({ detail }) => this.#refused(detail));
    this.#watch();
  }

  #watch() {
    if (this.#timer || this.#socket.isOpen || this.#socket.isSignedOut || this.#socket.isForeign) return;
    this.#lengthBefore = this.#answer()?.length ?? 0;
    this.#timer = setInterval(() => this.#tick(), 250);
  }

  #tick() {
    const away = performance.now() - this.#socket.downSince;
    if (away < QUIET) return;
    if (away < LONG) return this.#say("waiting", this.#answer() ? "Reconnecting. Your answer goes on." : "Reconnecting.");
    const seconds = Math.max(0, Math.ceil((this.#socket.nextTry - performance.now()) / 1000));
    this.#say("away", `No connection to Galaxy, next try in ${seconds} s`);
  }

  #rest() {
    clearInterval(this.#timer);
    clearInterval(this.#catching);
    this.#timer = 0;
  }

  #ended() {
    this.#rest();
    this.#say("ended", "Your sign-in has ended. What you wrote is kept.");
  }

  // A page at an address that is not Galaxy's: nothing that it sends is taken.
  #refused(why) {
    this.#rest();
    this.#say("refused", why);
  }

  #back() {
    this.#rest();
    if (this.#socket.isBypassed) return this.#bypassed();
    if (this.#line.hidden) return;
    const since = performance.now();
    this.#catching = setInterval(() => this.#sayBack(since), CATCHING_UP);
  }

  // Told once a tab; where the operator switched sockets off, not at all.
  #bypassed() {
    const isTold = this.#socket.isSwitchedOff || sessionStorage.getItem(TOLD);
    if (isTold) return void (this.#line.hidden = true);
    sessionStorage.setItem(TOLD, "1");
    this.#sayFor(BYPASSED_FOR, "bypassed", BYPASSED);
  }

  #sayBack(since) {
    const words = this.#answer()?.wordsSince(this.#lengthBefore) ?? 0;
    if (!words && this.#answer() && performance.now() - since < CAUGHT_UP_AFTER && this.#socket.isOpen) return;
    clearInterval(this.#catching);
    if (!this.#socket.isOpen) return;
    this.#sayFor(BACK_FOR, "back", words ? `Connected. ${words} ${words === 1 ? "word" : "words"} came in meanwhile.` : "Connected.");
  }

  #sayFor(milliseconds, state, words) {
    this.#say(state, words);
    setTimeout(() => this.#socket.isOpen && this.#line.dataset.state === state && (this.#line.hidden = true), milliseconds);
  }

  #say(state, words) {
    if (this.#line.dataset.state !== state || this.#line.hidden) this.#draw(state);
    const text = one("span", this.#line);
    if (text.textContent !== words) text.textContent = words;
  }

  #draw(state) {
    const icon = document.getElementById("connection-icons").content.children[ICONS[state]].cloneNode(true);
    this.#line.dataset.state = state;
    this.#line.hidden = false;
    this.#line.setAttribute("aria-live", state === "away" ? "off" : "polite"); // a countdown is not read out
    this.#line.replaceChildren(icon, document.createElement("span"));
    if (state === "away" || state === "refused") this.#line.append(this.#tryNow());
    if (state === "ended") this.#line.append(this.#signIn());
  }

  #tryNow() {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "link push", textContent: "Try now" });
    button.addEventListener("click", () => this.#socket.tryNow());
    return button;
  }

  // This page's own address: Galaxy, or the proxy in front of it, asks to sign in there and leads back.
  #signIn() {
    return Object.assign(document.createElement("a"), { href: location.pathname, className: "link push", textContent: "Sign in" });
  }
}
