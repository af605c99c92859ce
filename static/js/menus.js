// Menus: arrow keys inside them, and the model picker's search.

import { all, one } from "./part.js";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

function move(menu, event) {
  const items = all(".menu-item", menu).filter((item) => item.checkVisibility());
  const at = items.indexOf(document.activeElement);
  const ends = { Home: 0, End: items.length - 1 };
  const next = event.key in ends ? ends[event.key] : at + (STEPS[event.key] ?? NaN);
  if (Number.isNaN(next)) return;
  event.preventDefault();
  items.at(next % items.length)?.focus();
}

for (const menu of all("[data-menu]")) {
  menu.addEventListener("keydown", (event) => move(menu, event));
  menu.addEventListener("toggle", (event) => {
    if (event.newState === "open") one(".menu-item", menu)?.focus({ focusVisible: false });
  });
  menu.addEventListener("click", (event) => {
    if (event.target.closest(".menu-item")) menu.hidePopover();
  });
}

function search(picker, words) {
  let found = false;
  for (const group of all("[data-models]", picker)) {
    const rows = all(".menu-item", group);
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(words);
    group.hidden = rows.every((row) => row.hidden);
    found ||= !group.hidden;
  }
  one("[data-nothing]", picker).hidden = found;
}

function close(picker) {
  picker.hidePopover();
  document.getElementById("message")?.focus();
}

// The keys walk through what is found; Enter takes what is walked to, or from the field what fits first.
const found = (picker) => all(".menu-item:not([hidden]) input", picker);

function step(picker, field, event) {
  event.preventDefault();
  const choices = found(picker);
  const at = choices.indexOf(event.target) + STEPS[event.key]; // from the field: -1
  const next = at < 0 ? field : choices[Math.min(at, choices.length - 1)];
  (next ?? field).focus({ focusVisible: true });
  next?.closest(".menu-item")?.scrollIntoView({ block: "nearest" });
}

function pick(picker, field, event) {
  event.preventDefault(); // it would send the message
  const choice = event.target === field ? found(picker)[0] : event.target;
  if (!choice) return;
  choice.click();
  close(picker);
}

export function watchPicker(picker) {
  const field = one("input[type=search]", picker);
  field.addEventListener("input", () => search(picker, field.value.trim().toLowerCase()));
  picker.addEventListener("change", () => {
    const { value } = one("input[name=model]:checked", picker);
    one("[data-chosen]").textContent = value;
    one(".model-button").setAttribute("aria-label", `Model: ${value}`);
  });
  picker.addEventListener("click", (event) => {
    if (event.target.matches("input[type=radio]") && event.detail > 0) close(picker); // a pointer, not an arrow key
  });
  picker.addEventListener("keydown", (event) => {
    if (event.key === "Enter") pick(picker, field, event);
    else if (event.key in STEPS) step(picker, field, event);
  });
  picker.addEventListener("toggle", (event) => {
    if (event.newState !== "open") return;
    field.value = "";
    search(picker, "");
    if (matchMedia("(hover: hover)").matches) field.focus();
  });
}

all("[data-picker]").forEach(watchPicker);
