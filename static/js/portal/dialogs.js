// The page's dialog: opens with what is put into it, closes when that is done (the answer's event "done"), by Esc, or beside it.

import { one } from "../browser/dom.js";

const dialog = document.getElementById("dialog");

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!dialog || ctx.target?.id !== "dialog-body" || dialog.open) return;
  dialog.showModal();
  one("input[autofocus]", dialog)?.select();
});
// On a phone the drawer with the button that opened it has closed.
dialog?.addEventListener("close", () => document.activeElement === document.body && one(".sidebar-open")?.focus());
document.addEventListener("done", () => dialog?.close());
dialog?.addEventListener("click", (event) => {
  if (event.target !== dialog && !event.target.closest("[data-close]")) return;
  event.preventDefault();
  dialog.close();
});
