// Messages that are not sent yet, kept until the server has accepted them: a reload or a lost connection loses none.

export class Outbox {
  #chat;

  constructor(chat) {
    this.#chat = chat;
  }

  get messages() {
    return JSON.parse(sessionStorage.getItem(`outbox:${this.#chat}`) ?? "[]");
  }

  add(message) {
    this.#keep([...this.messages, message]);
  }

  remove(requestId) {
    this.#keep(this.messages.filter((message) => message.requestId !== requestId));
  }

  // The new chat got its name: what waits in it waits under that name now.
  rename(chat) {
    const { messages } = this;
    this.#keep([]);
    this.#chat = chat;
    this.#keep(messages);
  }

  #keep(messages) {
    if (messages.length) sessionStorage.setItem(`outbox:${this.#chat}`, JSON.stringify(messages));
    else sessionStorage.removeItem(`outbox:${this.#chat}`);
  }
}
