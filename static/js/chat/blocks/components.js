// Components that tools show: a pressed button and a sent form go to the tool, and what comes of it stands below.

import { all } from "../../browser/dom.js";
import { api } from "../../browser/rest.js";
import { toast } from "../../portal/toasts.js";
import { show } from "./result.js";

async function use(component, event, value) {
  if (component.getAttribute("aria-busy") === "true") return;
  const parts = all("button, input, select, textarea", component).filter((part) => !part.disabled);
  for (const part of parts) part.disabled = true;
  component.setAttribute("aria-busy", "true");
  try {
    show(component, await api("POST", `components/${encodeURIComponent(component.dataset.component)}`, { event, value }));
  } catch (error) {
    toast(error.message, { icon: "circle-alert" });
  }
  component.removeAttribute("aria-busy");
  for (const part of parts) part.disabled = false;
}

const reads = {
  boolean: (field) => field.checked,
  number: (field) => Number(field.value),
  integer: (field) => Number(field.value),
  enum: (field) => JSON.parse(field.dataset.choices)[Number(field.value)],
  string: (field) => field.value,
};

// Fields that were left empty are left out.
function valuesOf(form) {
  const filled = all("[data-field]", form).filter((field) => field.dataset.kind === "boolean" || field.value !== "");
  return Object.fromEntries(filled.map((field) => [field.dataset.field, reads[field.dataset.kind](field)]));
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-press]");
  if (button) use(button.closest(".component"), button.dataset.press, JSON.parse(button.dataset.value));
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-component-form]")) return;
  event.preventDefault();
  use(event.target.closest(".component"), "submit", valuesOf(event.target));
});
