// The sidebar: hiding it, and where its list begins. The list itself is drawn by the server, and anew at each notice.

import { keep } from "../browser/cookies.js";
import { one } from "../browser/dom.js";

const root = document.documentElement;
const list = document.getElementById("conversations");
const wide = matchMedia("(min-width: 48.001rem)");

export function toggleSidebar() {
  if (!wide.matches) return document.getElementById("sidebar")?.togglePopover();
  const hides = root.dataset.sidebar !== "hidden";
  if (hides) root.dataset.sidebar = "hidden";
  else delete root.dataset.sidebar;
  keep("galaxy_sidebar", hides ? "hidden" : "shown");
}

if (list) {
  one("[aria-current]", list)?.scrollIntoView({ block: "nearest" });
  // What was open as a drawer would lie over a page that has room for both.
  wide.addEventListener("change", () => document.getElementById("sidebar").hidePopover());
  one("[data-sidebar-hide]").addEventListener("click", toggleSidebar);
  one(".sidebar-open")?.addEventListener("click", (event) => {
    if (!wide.matches) return;
    event.preventDefault();
    toggleSidebar();
  });
}
