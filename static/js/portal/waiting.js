// Chats that wait for a decision, wherever one is: the page's title counts them, and a toast leads to one that begins to wait.

import { all, one } from "../browser/dom.js";
import { toast } from "./toasts.js";

const COUNT = /^\(\d+\) /;
const list = document.getElementById("conversations");
const waiting = () => all("[data-waits]", list).map((row) => row.dataset.row);

let known = new Set();

function count(chats) {
  const title = document.title.replace(COUNT, "");
  document.title = chats.length ? `(${chats.length}) ${title}` : title;
}

function tell(chat) {
  const link = one(`[data-row="${chat}"] .nav-item`, list);
  const name = one(".truncate", link).textContent;
  toast(`“${name}” waits for your decision`, { icon: "hand", link: { words: "Open", href: link.href }, seconds: 20 });
}

// The sidebar is drawn anew at each notice. What one looks at asks by itself, and what is another's is theirs to decide.
function see() {
  const chats = waiting();
  const open = one("[data-chat]")?.dataset.conversation;
  for (const chat of chats) if (!known.has(chat) && chat !== open && !one(`[data-row="${chat}"] .owner`, list)) tell(chat);
  known = new Set(chats);
  count(chats);
}

if (list) {
  known = new Set(waiting());
  count([...known]);
  document.addEventListener("htmx:finally:swap", ({ detail }) => detail.ctx.target === list && see()); // by then the title is set anew
}
