// Deleting a chat, with time to take it back. What is on its way out is hidden in the sidebar, also by the pages that follow in
// this tab, until the server has answered: the next page is drawn while a deletion that leaving has sent is still under way.

import { Outbox } from "./outbox.js";
import { one } from "./part.js";
import { onListChange, tellTabs } from "./sidebar.js";
import { api } from "./server.js";
import { toast } from "./toasts.js";

const PLACE = "deleting"; // [{ id, title, wasOpen, takesFocus, isAsked }], isAsked: there is no way back any more
const page = one("[data-chat]");
const undoable = new Map(); // id -> end the time to undo

const leaving = () => JSON.parse(sessionStorage.getItem(PLACE) ?? "[]");
const keep = (chats) => sessionStorage.setItem(PLACE, JSON.stringify(chats));
const others = (id) => leaving().filter((chat) => chat.id !== id);
const rowOf = (id) => one(`[data-row="${id}"]`);

function hide() {
  for (const { id } of leaving()) rowOf(id)?.setAttribute("hidden", "");
}

function stays({ id }) {
  keep(others(id));
  rowOf(id)?.removeAttribute("hidden");
}

function gone({ id }) {
  keep(others(id));
  rowOf(id)?.remove();
  tellTabs();
  new Outbox(page.dataset.person, id).clear();
  if (id === page.dataset.conversation) location.replace("/");
}

function carryOut(chat) {
  undoable.delete(chat.id);
  keep([...others(chat.id), { ...chat, isAsked: true }]);
  api("DELETE", `conversations/${chat.id}`, undefined, { keepalive: true }).then(
    () => gone(chat),
    (error) => {
      if (error.status === 404) return gone(chat);
      stays(chat);
      toast(`“${chat.title}” could not be deleted. ${error.message}`, { icon: "circle-alert" });
    },
  );
}

function undo(chat) {
  undoable.delete(chat.id);
  stays(chat);
  if (chat.wasOpen) location.assign(`/c/${chat.id}`);
}

function offerUndo(chat) {
  const options = { icon: "trash-2", undo: () => undo(chat), done: () => carryOut(chat), takesFocus: chat.takesFocus };
  undoable.set(chat.id, toast(`“${chat.title}” deleted`, options));
}

// `takesFocus`: it was done by keys, and what had the focus goes with the chat.
export function remove(id, title, takesFocus) {
  const chat = { id, title, takesFocus, wasOpen: id === page.dataset.conversation };
  keep([...others(id), chat]);
  if (chat.wasOpen) return location.assign("/"); // the way back is offered where one lands
  hide();
  offerUndo(chat);
}

if (page) {
  hide();
  onListChange(hide);
  for (const chat of leaving()) chat.isAsked ? carryOut(chat) : offerUndo(chat);
  // Whoever leaves within the time to undo has not undone it.
  addEventListener("pagehide", () => [...undoable.values()].forEach((end) => end()));
}
