// The tools of a chat: how many are chosen, which a first message takes along, and the lock after it.

import { all, one } from "../browser/dom.js";

const menu = () => one("[data-tools]");
const switches = () => all("[data-tools] input[name=tools]");
const namesOf = ({ value }) => value.split(" ").filter(Boolean);
const isLocked = () => menu()?.hasAttribute("data-locked") ?? true;

function count() {
  const number = switches().filter(({ checked }) => checked).flatMap(namesOf).length;
  one("[data-tools-number]").textContent = number;
  one("[data-tools-button]").setAttribute("aria-label", `Tools: ${number} chosen${isLocked() ? ", locked" : ""}`);
}

// The names that a first message chooses; nothing where all are on, and where the choice was made before.
export function chosenTools() {
  if (isLocked() || switches().every(({ checked }) => checked)) return undefined;
  return switches().filter(({ checked }) => checked).flatMap(namesOf);
}

export function lockTools() {
  if (isLocked()) return;
  menu().setAttribute("data-locked", "");
  for (const input of [...switches(), one("[data-tools] [name=chooses_tools]")]) input.disabled = true;
  one("[data-tools-note]").hidden = one("[data-tools-lock]").hidden = false;
  count();
}

document.addEventListener("change", ({ target }) => target.matches("[data-tools] input[name=tools]") && count());
