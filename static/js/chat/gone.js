// A chat that is not there any more: its page says so, until the chat is back.

import { one } from "../browser/dom.js";
import { toast } from "../portal/toasts.js";

const WORDS = "This chat is no longer here: it was deleted elsewhere, or is no longer shared with you. Go on in a new chat.";

export class Gone {
  #chat;
  #isSaid = false;
  isDeleting = false; // from this page, which leaves it then: looked for meanwhile, it would be said to be deleted elsewhere

  // `chat` has id, mayWrite and is told: refused().
  constructor(chat) {
    this.#chat = chat;
    for (const step of ["before:request", "response:error", "error"]) {
      document.addEventListener(`htmx:${step}`, ({ detail }) => this.#see(detail.ctx, step === "before:request"));
    }
  }

  #see(ctx, isBegun) {
    const { id } = this.#chat;
    if (id && ctx?.request.method === "DELETE" && ctx.request.action.endsWith(`/c/${id}/delete`)) this.isDeleting = isBegun;
  }

  say() {
    this.#isSaid = this.#chat.mayWrite;
    if (this.#chat.mayWrite) this.#chat.refused(WORDS);
    else toast(WORDS, { icon: "circle-alert" });
  }

  // Its deletion was undone.
  isBack() {
    if (this.#isSaid) one("[data-refusal]").hidden = true;
    this.#isSaid = false;
  }
}
