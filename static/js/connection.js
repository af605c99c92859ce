// One quiet line above the composer about the connection: nothing for 2 s, then what is so, never in red.

import { one } from "./part.js";

const QUIET = 2000;
const LONG = 20000;
const BACK_FOR = 2000;
const CATCHING_UP = 500;
const CAUGHT_UP_AFTER = 2500; // at the latest, where an answer goes on and nothing of it came yet
const ICONS = { waiting: 0, away: 1, back: 2, ended: 1 };

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
    this.#watch();
  }

  #watch() {
    if (this.#timer || this.#socket.isOpen || this.#socket.isSignedOut) return;
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

  #back() {
    this.#rest();
    if (this.#line.hidden) return;
    const since = performance.now();
    this.#catching = setInterval(() => this.#sayBack(since), CATCHING_UP);
  }

  #sayBack(since) {
    const words = this.#answer()?.wordsSince(this.#lengthBefore) ?? 0;
    if (!words && this.#answer() && performance.now() - since < CAUGHT_UP_AFTER && this.#socket.isOpen) return;
    clearInterval(this.#catching);
    if (!this.#socket.isOpen) return;
    this.#say("back", words ? `Connected. ${words} ${words === 1 ? "word" : "words"} came in meanwhile.` : "Connected.");
    setTimeout(() => this.#socket.isOpen && this.#line.dataset.state === "back" && (this.#line.hidden = true), BACK_FOR);
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
    if (state === "away") this.#line.append(this.#tryNow());
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
