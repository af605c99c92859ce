// Renaming a chat and asking to delete it, from its page or from its row in the sidebar.

import { remove } from "./deleting.js";
import { one } from "./part.js";
import { changeList, showTitle } from "./sidebar.js";
import { api } from "./server.js";
import { toast } from "./toasts.js";

const dialog = document.getElementById("rename");
const current = () => one("[data-chat]")?.dataset.conversation;
let row = null; // the row whose menu is open
let renaming = null;

const titleOf = (id) => one(`[data-row="${id}"] .truncate`)?.textContent ?? one("[data-title]")?.textContent ?? "Chat";

function openRename(id) {
  renaming = id;
  const field = one("input[name=title]", dialog);
  field.value = titleOf(id);
  dialog.showPopover();
  field.select();
}

async function rename(id, title) {
  dialog.hidePopover();
  await api("PATCH", `conversations/${id}`, { title });
  if (id === current()) showTitle(title); // it may have no row: the list shows the newest chats
  await changeList();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-row-menu]");
  if (opener) row = opener.closest("[data-row]").dataset.row;
  const entry = event.target.closest?.("[data-rename], [data-delete]");
  if (!entry) return;
  event.preventDefault();
  const id = entry.closest("#row-menu") ? row : current();
  if ("rename" in entry.dataset) openRename(id);
  else remove(id, titleOf(id), event.detail === 0);
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-rename-form]")) return;
  event.preventDefault();
  const title = new FormData(event.target).get("title").trim();
  if (title) rename(renaming ?? current(), title).catch((error) => toast(error.message, { icon: "circle-alert" }));
});
