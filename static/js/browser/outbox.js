// Messages that are not sent yet, kept in this browser, apart for each person, until the server has accepted them: neither a
// reload, nor a lost connection, nor a closed tab loses one.

export class Outbox {
  #person;
  #chat;

  constructor(person, chat) {
    this.#person = person;
    this.#chat = chat;
  }

  get #key() {
    return `outbox:${this.#person}:${this.#chat}`;
  }

  get messages() {
    return JSON.parse(localStorage.getItem(this.#key) ?? "[]");
  }

  add(message) {
    this.#keep([...this.messages, message]);
  }

  remove(requestId) {
    this.#keep(this.messages.filter((message) => message.requestId !== requestId));
  }

  clear() {
    this.#keep([]);
  }

  // The new chat got its name: what waits in it waits under that name now. What is not `own` is for another tab's new chat.
  rename(chat, own) {
    const { messages } = this;
    this.#keep(messages.filter((message) => !own(message)));
    this.#chat = chat;
    this.#keep([...this.messages, ...messages.filter(own)]);
  }

  // Another tab sent one, or took one back.
  onChange(listener) {
    addEventListener("storage", ({ key }) => (key === null || key === this.#key) && listener());
  }

  #keep(messages) {
    if (messages.length) localStorage.setItem(this.#key, JSON.stringify(messages));
    else localStorage.removeItem(this.#key);
  }
}
