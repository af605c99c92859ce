// The one menu of the sidebar's rows: each entry is an event on the row, or on its button, whose markup says what comes of it.

import { all, one } from "../browser/dom.js";
import { htmx } from "./live.js";

let opener = null; // the button of the row whose menu is open

document.addEventListener("click", (event) => {
  opener = event.target.closest?.("[data-row-menu]") ?? opener;
  const entry = event.target.closest?.("#row-menu [data-does]");
  if (entry) htmx.trigger(entry.dataset.does === "remove" ? opener.closest("[data-row]") : opener, entry.dataset.does);
});

// A row that goes takes the focus along; its neighbour has it then.
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  if (!ctx.target?.matches?.("[data-row]") || ctx.swap !== "delete") return;
  const rows = all("[data-row]");
  const at = rows.indexOf(ctx.target);
  const next = rows[at + 1] ?? rows[at - 1];
  const had = ctx.target.contains(document.activeElement) || document.activeElement === document.body;
  if (had) (next ? one("a", next) : one("[data-new-chat]")).focus();
});
