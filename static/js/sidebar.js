// The sidebar: hiding it, the list that keeps itself fresh, and more of it as one scrolls.

import { keep } from "./cookies.js";
import { all, one } from "./part.js";
import { fragment } from "./server.js";

const root = document.documentElement;
const list = document.getElementById("conversations");
const wide = matchMedia("(min-width: 48.001rem)");
const changed = new EventTarget();
const tabs = new BroadcastChannel("galaxy-list"); // other tabs of this browser

export function toggleSidebar() {
  if (!wide.matches) return document.getElementById("sidebar")?.togglePopover();
  const hides = root.dataset.sidebar !== "hidden";
  if (hides) root.dataset.sidebar = "hidden";
  else delete root.dataset.sidebar;
  keep("galaxy_sidebar", hides ? "hidden" : "shown");
}

export const onListChange = (listener) => changed.addEventListener("change", listener);

// The open chat has one name, in its header, in the list and on the tab.
export function showTitle(title) {
  const heading = one("[data-title]");
  if (!heading || heading.textContent === title) return;
  heading.textContent = title;
  document.title = document.title.replace(/^.* · /s, () => `${title} · `);
}

function mark() {
  const { conversation, elsewhere } = one("[data-chat]")?.dataset ?? {};
  for (const row of all("[data-row]", list)) {
    const isCurrent = row.dataset.row === conversation;
    const link = one(".nav-item", row);
    if (isCurrent) showTitle(one(".truncate", link).textContent);
    if (isCurrent) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const newChat = one("[data-new-chat]");
  if (conversation || elsewhere !== undefined) newChat.removeAttribute("aria-current");
  else newChat.setAttribute("aria-current", "page");
  changed.dispatchEvent(new Event("change"));
}

// Draws the list anew, as long as it was, so that paging back is not lost.
export async function refreshList() {
  if (!list) return;
  const content = await fragment(`/conversations?count=${Math.max(40, all("[data-row]", list).length)}`);
  const scroll = list.scrollTop;
  list.replaceChildren(content);
  list.scrollTop = scroll;
  mark();
  watchEnd();
}

// Tells the other tabs, which draw it anew when they are looked at.
export const tellTabs = () => tabs.postMessage("changed");

// What was done here changed the list.
export function changeList() {
  tellTabs();
  return refreshList();
}

async function more(link) {
  const content = await fragment(link.dataset.earlier);
  const last = all("section", list).at(-1);
  const first = one("section", content);
  if (last && first && one(".nav-title", last).textContent === one(".nav-title", first).textContent) {
    last.append(...all("[data-row]", first));
    first.remove();
  }
  link.replaceWith(content);
  mark();
  watchEnd();
}

const end = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    end.unobserve(target);
    more(target).catch(() => end.observe(target)); // without a connection: when it is looked at again
  }
});

function watchEnd() {
  end.disconnect();
  const link = one("[data-earlier]", list);
  if (link) end.observe(link);
}

if (list) {
  watchEnd();
  one("[aria-current]", list)?.scrollIntoView({ block: "nearest" });
  const look = () => !document.hidden && refreshList().catch(() => {});
  document.addEventListener("visibilitychange", look);
  tabs.addEventListener("message", look);
  // What was open as a drawer would lie over a page that has room for both.
  wide.addEventListener("change", () => document.getElementById("sidebar").hidePopover());
  one("[data-sidebar-hide]").addEventListener("click", toggleSidebar);
  one(".sidebar-open")?.addEventListener("click", (event) => {
    if (!wide.matches) return;
    event.preventDefault();
    toggleSidebar();
  });
}
