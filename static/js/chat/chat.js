// The chat page: puts the socket, the thread, the composer and the answers together.

import { Answer } from "./answer/answer.js";
import { Approvals } from "./approvals.js";
import "./blocks/components.js";
import "./blocks/frames.js";
import "./blocks/tables.js";
import { Composer, NO_COMPOSER } from "./composer.js";
import { socket } from "./connected.js";
import { Connection } from "./connection.js";
import { Gone } from "./gone.js";
import { dress } from "../portal/copy.js";
import { htmx } from "../portal/live.js";
import { all, make, one } from "../browser/dom.js";
import "./panel.js";
import { Runs } from "./runs.js";
import { Sending } from "./sending.js";
import { api } from "../browser/rest.js";
import "../portal/ticking.js";
import { Thread } from "./thread.js";
import { toast } from "../portal/toasts.js";

const main = one("[data-chat]");
const LONGEST_TITLE = 60;

// As the server names a chat by its first question.
function titleOf(text) {
  const title = (text.split("\n").find((one) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(one)) ?? "").trim().replace(/\s+/g, " ");
  return title.length > LONGEST_TITLE ? `${[...title].slice(0, LONGEST_TITLE).join("")}…` : title;
}

class Chat {
  id = main.dataset.conversation ?? null;
  person = main.dataset.person;
  active = null; // the answer that is in the making
  #runId = null;
  #isStopping = false;
  #isEnding = false;
  #isLooking = false;
  #isContinuing = false; // until this page knows the run that it asked for
  #isOvertaken = false; // an answer began here since the last look did
  #isBehind = false; // another tab said something while this one was busy
  #thread = null;
  isNaming = false; // the chat of a question that waits is being made

  constructor() {
    this.socket = socket;
    this.runs = new Runs(this.socket);
    const form = one("[data-composer]");
    const does = { onSend: (words) => this.#send(words), onStop: () => this.stop() };
    this.mayWrite = form !== null;
    this.composer = this.mayWrite ? new Composer(form, does) : NO_COMPOSER;
    this.composer.open(this.id ?? "new");
    this.gone = new Gone(this);
    this.approvals = new Approvals(this);
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

  get #isBusy() {
    return this.active !== null || this.sending.isFlying || this.#isContinuing;
  }

  #listen() {
    this.socket.addEventListener("open", () => this.#update());
    this.socket.addEventListener("down", () => this.#update());
    this.socket.addEventListener("open", () => this.#catchUp(), { once: true }); // what was said since the page was drawn
    addEventListener("signed-out", (event) => this.#signedOut(event));
    for (const topic of ["runs", "conversations"]) {
      document.body.addEventListener(`notice:${topic}`, ({ detail }) => this.#concerns(detail ?? {}) && this.#catchUp());
    }
    addEventListener("popstate", () => location.reload());
    document.addEventListener("submit", (event) => event.target.matches("[data-continue]") && this.#continue(event));
    document.addEventListener("keydown", (event) => this.#pressed(event));
  }

  // A request was refused: the words are said where the connection's are.
  #signedOut(event) {
    event.preventDefault();
    this.socket.signOut();
  }

  // A notice that may be about this chat, and not about an answer that is followed here anyway.
  #concerns({ id = null, data = null }) {
    return id === null || (data ? data.conversation_id === this.id && !this.runs.has(id) : id === this.id);
  }

  #pressed(event) {
    if (event.key === "Escape" && this.active && !event.isComposing && !one(":popover-open:not(#toasts), :modal")) this.stop();
  }

  #openThread() {
    this.#thread = new Thread(one("[data-thread]"), one("[data-newest]"));
    this.turns.addEventListener("htmx:before:swap", (event) => this.#mayDraw(event));
    this.turns.addEventListener("htmx:response:error", ({ target, detail }) => target === this.turns && detail.ctx.response.status === 404 && this.gone.say());
    for (const article of all("[data-run]", this.turns)) this.#attach(article, article.dataset.run);
  }

  #attach(article, runId, first) {
    if (this.runs.has(runId)) return;
    this.#isOvertaken = true;
    this.active = new Answer(article, { onEnd: (frame) => this.#ended(article, frame), onAsk: () => this.approvals.see() });
    this.approvals.begin(article);
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
  }

  // A chat that was made for a question which its writer took back: nothing was ever said in it.
  async tookBack() {
    if (!this.id || this.active || this.sending.hasKept || one("[data-message]", this.turns)) return;
    const emptied = this.id;
    this.id = null;
    this.composer.open("new"); // the words go along
    await api("DELETE", `conversations/${emptied}`).catch(() => {});
    location.replace("/");
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
    one("[data-new-chat]").removeAttribute("aria-current");
    await htmx.ajax("GET", `/c/${conversation}`, { target: ".topbar", select: ".topbar", swap: "outerHTML" });
  }

  async #ended(article, frame) {
    this.active = null;
    this.#isEnding = true; // that it goes on elsewhere is seen once its end is drawn
    this.#runId = null;
    this.#isStopping = false;
    this.approvals.end();
    this.#update();
    this.sending.flush();
    if (frame.status === "error" && frame.error.code === "not_found") article.remove();
    else await this.#finish(article, Boolean(frame.citations?.length)); // those come with the end alone
    this.#isEnding = false;
    if (this.#isBehind) this.#catchUp();
  }

  // How the answer ended is drawn by the server, once it can be reached.
  async #finish(article, hasMore) {
    const isJoined = all(".pieces", article).length > 1; // continued: it was drawn in two parts, and is one now
    const select = isJoined || hasMore ? ".pieces, .message-end" : ".message-end";
    article.addEventListener("htmx:before:swap", () => all(select, article).forEach((part) => part.remove()), { once: true });
    article.setAttribute("hx-sync", "replace"); // of a look that is still under way, which knows of no end
    await this.#fetch(`/c/${this.id}/messages/${article.dataset.message}`, { source: article, target: article, swap: "beforeend", select });
    dress(article);
    if (one(".message-end", article)) return;
    if (!this.socket.isOpen) this.socket.addEventListener("open", () => this.#finish(article, hasMore), { once: true });
    else toast("How the answer ended cannot be shown here. Reload the page to see it.", { icon: "circle-alert" });
  }

  stop() {
    if (!this.mayWrite || !this.#runId || this.#isStopping) return;
    this.#isStopping = true;
    if (!this.socket.send("stop", { run_id: this.#runId })) api("POST", `runs/${this.#runId}/stop`).catch(() => (this.#isStopping = false));
    this.#update();
  }

  async #continue(event) {
    event.preventDefault();
    const [article, button] = [event.target.closest(".answer"), one("button", event.target)];
    button.disabled = true;
    this.#isContinuing = true;
    try {
      const { run, model } = event.target.elements; // `model` is there if the button offers another one
      const { run_id: runId } = await api("POST", `runs/${run.value}/continue`, { model: this.composer.choose(model?.value) });
      one(".message-end", article).remove();
      article.append(one(".pieces", make("answer-template")));
      this.#attach(article, runId);
      this.#thread.toEnd();
    } catch (error) {
      button.disabled = false;
      toast(error.message, { icon: "circle-alert" });
    }
    this.#isContinuing = false;
    if (this.#isBehind) this.#catchUp();
  }

  // What another tab or device said meanwhile. One look at a time: what is told during it may have come too late for it.
  async #catchUp() {
    if (!this.id || !this.#thread || this.gone.isDeleting || this.socket.isSignedOut) return;
    this.#isBehind = this.#isBusy || this.#isEnding || this.#isLooking;
    if (this.#isBehind) return;
    this.#isLooking = true;
    await this.#look();
    this.#isLooking = false;
    if (this.#isBehind && !this.active) this.#catchUp();
  }

  async #look() {
    this.#isOvertaken = false;
    const last = all("[data-message]", this.turns).at(-1);
    if (last && one("[data-continue]", last)) await this.#seeContinued(last);
    const known = new Set(all("[data-message]", this.turns));
    const after = last?.dataset.message ?? "";
    await this.#fetch(`/c/${this.id}/messages?after=${after}`, { source: this.turns, target: this.turns, swap: "beforeend" });
    this.turns.append(...all("[data-request]", this.turns)); // what waits to be sent stays last
    for (const article of all("[data-run]", this.turns)) if (!known.has(article)) this.#attach(article, article.dataset.run);
    dress(this.turns);
  }

  // Part of the chat as the server draws it now. No one asked for it, so it fails in silence.
  #fetch(path, how) {
    return htmx.ajax("GET", path, { ...how, event: new Event("notice:runs") });
  }

  // What came while this page asked or was busy again comes to nothing: the next look brings it.
  #mayDraw(event) {
    const { ctx, tasks } = event.detail;
    if (ctx.response.status === 200) this.gone.isBack();
    if (ctx.sourceElement !== this.turns && ctx.select !== "[data-run]") return;
    const isHere = ({ dataset }) => one(`[data-message="${dataset.message}"]`, this.turns);
    const { fragment } = tasks[0];
    if (ctx.sourceElement === this.turns) all("[data-message]", fragment).filter(isHere).forEach((article) => article.remove());
    if (fragment.childElementCount && !this.#isBusy && !this.#isOvertaken) return;
    this.#isBehind ||= fragment.childElementCount > 0;
    event.preventDefault();
  }

  // An answer that stood still here goes on elsewhere.
  async #seeContinued(article) {
    const { message } = article.dataset;
    await this.#fetch(`/c/${this.id}/messages/${message}`, { source: article, target: article, swap: "outerHTML", select: "[data-run]" });
    const now = one(`[data-message="${message}"]`, this.turns);
    if (now === article) return;
    dress(now);
    this.#attach(now, now.dataset.run);
  }

  #update() {
    const state = { isRunning: this.active !== null, isOffline: !this.socket.isOpen, isStopping: this.#isStopping };
    this.composer.show(state);
  }
}

new Chat();
