// The model picker: search, keys, and the name on its button. What was chosen stays when a notice has it drawn anew.

import { all, one } from "../browser/dom.js";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };
const pickerOf = (event) => event.target.closest?.("[data-picker]");
const fieldOf = (picker) => one("input[type=search]", picker);
const radios = (picker) => all("input[name=model]", picker);

function search(picker) {
  const words = fieldOf(picker).value.trim().toLowerCase();
  for (const group of all("[data-models]", picker)) {
    const rows = all(".menu-item", group);
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(words);
    group.hidden = rows.every((row) => row.hidden);
  }
  one("[data-nothing]", picker).hidden = all("[data-models]", picker).some((group) => !group.hidden);
}

function name(picker) {
  const { value, dataset } = radios(picker).find(({ checked }) => checked);
  one("[data-chosen]").textContent = value;
  one("[data-in-trouble]").hidden = !dataset.trouble;
  one(".model-button").setAttribute("aria-label", `Model: ${value}${dataset.trouble ? ` (${dataset.trouble})` : ""}`);
}

function close(picker) {
  picker.hidePopover();
  document.getElementById("message")?.focus();
}

// The keys walk through what is found; Enter takes what is walked to, or from the field what fits first.
const found = (picker) => all(".menu-item:not([hidden]) input", picker);

function step(picker, event) {
  event.preventDefault();
  const choices = found(picker);
  const at = choices.indexOf(event.target) + STEPS[event.key]; // from the field: -1
  const next = at < 0 ? fieldOf(picker) : choices[Math.min(at, choices.length - 1)];
  (next ?? fieldOf(picker)).focus({ focusVisible: true });
  next?.closest(".menu-item")?.scrollIntoView({ block: "nearest" });
}

function pick(picker, event) {
  event.preventDefault(); // it would send the message
  const choice = event.target === fieldOf(picker) ? found(picker)[0] : event.target;
  if (!choice) return;
  choice.click();
  close(picker);
}

function pressed(picker, event) {
  if (event.key === "Enter") pick(picker, event);
  else if (event.key in STEPS) step(picker, event);
}

function opened({ target, newState }) {
  if (newState !== "open" || !target.matches("[data-picker]")) return;
  fieldOf(target).value = "";
  search(target);
  if (matchMedia("(hover: hover)").matches) fieldOf(target).focus();
}

document.addEventListener("input", (event) => pickerOf(event) && event.target.matches("[type=search]") && search(pickerOf(event)));
document.addEventListener("change", (event) => pickerOf(event) && event.target.matches("[name=model]") && name(pickerOf(event)));
document.addEventListener("keydown", (event) => pickerOf(event) && pressed(pickerOf(event), event));
document.addEventListener("toggle", opened, { capture: true }); // it does not bubble
document.addEventListener("click", (event) => {
  if (event.target.matches?.("[data-picker] [type=radio]") && event.detail > 0) close(pickerOf(event)); // a pointer, not an arrow key
});

// Drawn anew: the server knows what was chosen when it was asked; by now it may be another.
let chosen = null;
const isPicker = ({ target }) => target?.matches?.("[data-models-slot]");
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  if (isPicker(ctx)) chosen = one("input[name=model]:checked", ctx.target)?.value;
});
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const picker = isPicker(ctx) && one("[data-picker]", ctx.target);
  if (!picker) return;
  const radio = radios(picker).find(({ value }) => value === chosen) ?? radios(picker).find((one) => one.defaultChecked);
  radio.checked = true;
  name(picker);
  search(picker);
});
