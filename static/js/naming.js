// Renaming and deleting a chat, from its page or from its row in the sidebar.

import { one } from "./part.js";
import { onListChange, refreshList } from "./sidebar.js";
import { api } from "./server.js";
import { toast } from "./toasts.js";

const HANDED_OVER = "deleting";
const dialog = document.getElementById("rename");
const current = () => one("[data-chat]")?.dataset.conversation;
const going = new Map(); // conversation id -> carry out the deletion now
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
  if (id === current()) {
    one("[data-title]").textContent = title;
    document.title = document.title.replace(/^.* · /, `${title} · `);
  }
  await refreshList();
}

function hideGoing() {
  for (const id of going.keys()) one(`[data-row="${id}"]`)?.setAttribute("hidden", "");
}

function remove({ id, title }, takesFocus = false) {
  const carryOut = () => {
    going.delete(id);
    api("DELETE", `conversations/${id}`, undefined, { keepalive: true }).then(
      () => refreshList(),
      (error) => error.status !== 404 && toast(`“${title}” could not be deleted. ${error.message}`, { icon: "circle-alert" }),
    );
  };
  const undo = () => {
    going.delete(id);
    refreshList();
  };
  going.set(id, toast(`“${title}” deleted`, { icon: "trash-2", undo, done: carryOut, takesFocus }));
  hideGoing();
}

function askToRemove(id, takesFocus) {
  const gone = { id, title: titleOf(id) };
  if (id !== current()) return remove(gone, takesFocus);
  sessionStorage.setItem(HANDED_OVER, JSON.stringify(gone)); // the toast is shown where one lands
  location.assign("/");
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-row-menu]");
  if (opener) row = opener.closest("[data-row]").dataset.row;
  const entry = event.target.closest?.("[data-rename], [data-delete]");
  if (!entry) return;
  event.preventDefault();
  const id = entry.closest("#row-menu") ? row : current();
  if ("rename" in entry.dataset) openRename(id);
  else askToRemove(id, event.detail === 0); // by keys: the row that has the focus goes
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-rename-form]")) return;
  event.preventDefault();
  const title = new FormData(event.target).get("title").trim();
  if (title) rename(renaming ?? current(), title).catch((error) => toast(error.message, { icon: "circle-alert" }));
});

// Whoever leaves within the time to undo has not undone it.
addEventListener("pagehide", () => [...going.values()].forEach((carryOut) => carryOut()));
onListChange(hideGoing);

const handedOver = sessionStorage.getItem(HANDED_OVER);
if (handedOver) {
  sessionStorage.removeItem(HANDED_OVER);
  remove(JSON.parse(handedOver));
}
