// The chat page: puts the socket, the thread, the composer and the answers together.

import { Answer } from "./answer.js";
import { Composer, NO_COMPOSER } from "./composer.js";
import { Connection } from "./connection.js";
import { dress } from "./copy.js";
import { refreshModels } from "./models.js";
import { all, make, one } from "./part.js";
import { Runs } from "./runs.js";
import { Sending } from "./sending.js";
import { api, fragment, text } from "./server.js";
import { changeList } from "./sidebar.js";
import { Socket } from "./socket.js";
import { Thread } from "./thread.js";
import { toast } from "./toasts.js";

const main = one("[data-chat]");
const tabs = new BroadcastChannel("galaxy-chats"); // other tabs of this browser
const LOOKS_EVERY = 5000; // nobody tells of what another person, or oneself on another device, has asked

const LONGEST_TITLE = 60;

// As the server names a chat by its first question.
function titleOf(text) {
  const line = text.split("\n").find((one) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(one)) ?? "";
  const title = line.trim().replace(/\s+/g, " ");
  return title.length > LONGEST_TITLE ? `${[...title].slice(0, LONGEST_TITLE).join("")}…` : title;
}

class Chat {
  id = main.dataset.conversation ?? null;
  person = main.dataset.person;
  active = null; // the answer that is in the making
  #runId = null;
  #isStopping = false;
  #isBehind = false; // another tab said something while this one was busy
  #thread = null;
  #looking = 0;
  isNaming = false; // the chat of a question that waits is being made

  constructor() {
    this.socket = new Socket(`${location.origin.replace(/^http/, "ws")}/ws/chat`);
    this.runs = new Runs(this.socket);
    const form = one("[data-composer]");
    const does = { onSend: (words) => this.#send(words), onStop: () => this.stop() };
    this.mayWrite = form !== null;
    this.composer = this.mayWrite ? new Composer(form, does) : NO_COMPOSER;
    this.composer.open(this.id ?? "new");
    this.sending = new Sending(this);
    new Connection(this.socket, one("[data-connection]"), () => this.active);
    this.#listen();
    if (this.id) this.#openThread();
    else if (this.sending.hasKept) this.#becomeThread();
    if (this.#thread) this.sending.restore();
    this.#update();
  }

  get turns() {
    return one("[data-turns]");
  }

  #listen() {
    this.socket.addEventListener("open", () => this.#update());
    this.socket.addEventListener("down", () => this.#update());
    this.socket.addEventListener("frame", ({ detail }) => this.#noticed(detail));
    addEventListener("signed-out", (event) => this.#signedOut(event));
    this.socket.addEventListener("off", () => this.#withoutSocket());
    tabs.addEventListener("message", ({ data }) => data === this.id && this.#catchUp());
    document.addEventListener("visibilitychange", () => !document.hidden && this.#catchUp());
    this.#looking = setInterval(() => !document.hidden && this.#catchUp(), LOOKS_EVERY);
    addEventListener("popstate", () => location.reload());
    document.addEventListener("submit", (event) => event.target.matches("[data-continue]") && this.#continue(event));
    document.addEventListener("keydown", (event) => this.#pressed(event));
  }

  // A request was refused: the words are said where the connection's are.
  #signedOut(event) {
    event.preventDefault();
    this.socket.signOut();
  }

  #noticed({ status, topic }) {
    if (status === "notice" && topic === "models" && this.mayWrite) refreshModels().catch(() => {});
  }

  #pressed(event) {
    if (event.key === "Escape" && this.active && !event.isComposing && !one(":popover-open:not(#toasts)")) this.stop();
  }

  #openThread() {
    this.#thread = new Thread(one("[data-thread]"), one("[data-newest]"));
    for (const article of all("[data-run]", this.turns)) this.#attach(article, article.dataset.run);
  }

  #attach(article, runId, first) {
    if (this.runs.has(runId)) return;
    this.active = new Answer(article, (frame) => this.#ended(article, frame));
    this.#runId = runId;
    this.runs.follow(runId, this.active, first);
    this.#update();
  }

  #send(words) {
    one("[data-refusal]").hidden = true;
    if (!this.#thread) this.#becomeThread();
    this.sending.add(words, this.composer.model);
    this.#thread.toEnd();
  }

  // The page of a new chat turns into a chat's page in place.
  #becomeThread() {
    const composer = one(".composer-wrap");
    one(".main-scroll").replaceWith(make("chat-template"));
    main.append(composer);
    this.#openThread();
    this.composer.focus();
  }

  accepted(frame, question) {
    // It was stored before the page was left, or by another tab: the thread has both already.
    if (one(`[data-message="${frame.message_id}"]`, this.turns)) question.remove();
    else this.#answer(frame, question);
    if (!this.id) this.#adopt(frame.conversation_id);
    tabs.postMessage(frame.conversation_id);
    changeList().catch(() => {});
  }

  #answer(frame, question) {
    const article = make("answer-template");
    question.after(article);
    this.#thread.makeRoom(question, article);
    this.#attach(article, frame.run_id, frame);
  }

  busy() {
    this.#catchUp();
  }

  // Another answer must end first. Until then the question has a chat of its own: New chat is a new one all the same.
  async waits({ text, model }) {
    if (this.id || this.isNaming) return;
    this.isNaming = true;
    const { id } = await api("POST", "conversations", { title: titleOf(text), model: model ?? "" }).catch(() => ({}));
    this.isNaming = false;
    if (!id || this.id) return;
    await this.#adopt(id);
    changeList().catch(() => {});
  }

  refused(message) {
    const line = one("[data-refusal]");
    line.hidden = false;
    one("span", line).textContent = message;
  }

  // The chat has an address now: the page takes its name and its menu from there.
  async #adopt(conversation) {
    this.id = conversation;
    main.dataset.conversation = conversation;
    history.pushState(null, "", `/c/${conversation}`);
    this.sending.rename(conversation);
    this.composer.open(conversation);
    const page = new DOMParser().parseFromString(await text(`/c/${conversation}`), "text/html");
    document.title = page.title;
    one(".topbar").replaceWith(one(".topbar", page));
    one("[data-rename-form]").action = `/c/${conversation}/rename`;
  }

  async #ended(article, frame) {
    this.active = null;
    this.#runId = null;
    this.#isStopping = false;
    this.#update();
    this.sending.flush();
    if (this.#isBehind) this.#catchUp();
    changeList().catch(() => {});
    if (frame.status === "error" && frame.error.code === "not_found") return article.remove();
    await this.#finish(article);
  }

  // How the answer ended is drawn by the server, once it can be reached.
  async #finish(article) {
    try {
      const content = await fragment(`/c/${this.id}/messages/${article.dataset.message}`);
      one(".message-end", article)?.remove();
      article.append(one(".message-end", content));
      if (all(".prose", article).length > 1) this.#join(article, content);
    } catch {
      if (!this.socket.isOpen) this.socket.addEventListener("open", () => this.#finish(article), { once: true });
      else toast("How the answer ended cannot be shown here. Reload the page to see it.", { icon: "circle-alert" });
    }
  }

  // A continued answer was drawn in two parts; now it is one text.
  #join(article, content) {
    const [first, ...others] = all(".prose", article);
    for (const other of others) other.remove();
    first.replaceWith(...all(".prose", content)); // none, where still nothing was said
    dress(article);
  }

  stop() {
    if (!this.mayWrite || !this.#runId || this.#isStopping) return;
    this.#isStopping = true;
    const runId = this.#runId;
    if (!this.socket.send("stop", { run_id: runId })) api("POST", `runs/${runId}/stop`).catch(() => (this.#isStopping = false));
    this.#update();
  }

  async #continue(event) {
    event.preventDefault();
    const article = event.target.closest(".answer");
    const button = one("button", event.target);
    button.disabled = true;
    try {
      const { run_id: runId } = await api("POST", `runs/${new FormData(event.target).get("run")}/continue`, { model: this.composer.model });
      one(".message-end", article).remove();
      article.append(one(".prose", make("answer-template")));
      this.#attach(article, runId);
      this.#thread.toEnd();
      tabs.postMessage(this.id);
    } catch (error) {
      button.disabled = false;
      toast(error.message, { icon: "circle-alert" });
    }
  }

  // What another tab or device said meanwhile.
  async #catchUp() {
    if (!this.id || !this.#thread || this.socket.isSignedOut) return;
    this.#isBehind = this.active !== null || this.sending.isFlying;
    if (this.#isBehind) return;
    const last = all("[data-message]", this.turns).at(-1);
    if (last && one("[data-continue]", last)) await this.#seeContinued(last);
    const content = await fragment(`/c/${this.id}/messages?after=${last?.dataset.message ?? ""}`).catch((error) => this.#missed(error));
    if (!content || this.active || this.sending.isFlying) return;
    const news = all("[data-message]", content).filter(({ dataset }) => !one(`[data-message="${dataset.message}"]`));
    const waiting = one("[data-request]", this.turns);
    for (const article of news) waiting ? waiting.before(article) : this.turns.append(article);
    for (const article of news) if (article.dataset.run) this.#attach(article, article.dataset.run);
  }

  #missed({ status }) {
    if (status !== 404) return null;
    clearInterval(this.#looking);
    const message = "This chat is not there any more: it was deleted elsewhere, or is not shared with you now. Go on in a new chat.";
    if (this.mayWrite) this.refused(message);
    else toast(message, { icon: "circle-alert" });
    return null;
  }

  // An answer that stood still here goes on elsewhere.
  async #seeContinued(article) {
    const content = await fragment(`/c/${this.id}/messages/${article.dataset.message}`).catch(() => null);
    const now = content && one("[data-run]", content);
    if (!now || this.active) return;
    dress(now);
    article.replaceWith(now);
    this.#attach(now, now.dataset.run);
  }

  #update() {
    const state = { isRunning: this.active !== null, isOffline: !this.socket.isOpen, isStopping: this.#isStopping };
    this.composer.show(state);
  }

  // The operator switched sockets off: forms carry the chat, and a page with a running answer looks again.
  #withoutSocket() {
    one("[data-composer]")?.addEventListener("submit", (event) => event.stopImmediatePropagation(), { capture: true });
    if (one("[data-run]")) setTimeout(() => location.reload(), 3000);
  }
}

new Chat();
