// Menus: arrow keys inside them, focus on the first entry, and they close with a choice. Also those that come later.

import { all, one } from "../browser/dom.js";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };
const menuOf = (event) => event.target.closest?.("[data-menu]");

function move(menu, event) {
  const items = all(".menu-item", menu).filter((item) => item.checkVisibility());
  const at = items.indexOf(document.activeElement);
  const ends = { Home: 0, End: items.length - 1 };
  const next = event.key in ends ? ends[event.key] : at + (STEPS[event.key] ?? NaN);
  if (Number.isNaN(next)) return;
  event.preventDefault();
  items.at(next % items.length)?.focus();
}

document.addEventListener("keydown", (event) => menuOf(event) && move(menuOf(event), event));
document.addEventListener("click", (event) => event.target.closest?.("[data-menu] .menu-item") && menuOf(event).hidePopover());
const opened = ({ target, newState }) => {
  if (newState === "open" && target.matches("[data-menu]")) one(".menu-item", target)?.focus({ focusVisible: false });
};
document.addEventListener("toggle", opened, { capture: true }); // it does not bubble
