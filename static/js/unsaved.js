// What was written on a page of forms and not saved: it says so, survives that another form is saved, and is not left in silence.

import { all, element, one } from "./part.js";

const forms = all("[data-guarded]");
const PLACE = `unsaved:${one("[data-chat]").dataset.person}`;
const NOT_WRITTEN = ["csrfmiddlewaretoken", "once"];
const saved = new Map(); // form -> what the server knows
let isSaving = false;

const fields = (form) => [...new FormData(form)].filter(([name]) => !NOT_WRITTEN.includes(name));
const written = (form) => JSON.stringify(fields(form));
const unsaved = () => forms.filter((form) => written(form) !== saved.get(form));
const addressOf = (form) => new URL(form.action).pathname;

function asks(event) {
  if (!isSaving) event.preventDefault();
}

function tell() {
  const open = unsaved();
  for (const form of forms) one(".unsaved", form).hidden = !open.includes(form);
  removeEventListener("beforeunload", asks);
  if (open.length) addEventListener("beforeunload", asks);
}

function write(form, entries) {
  for (const box of all("input[type=checkbox]", form)) box.checked = false;
  for (const [name, value] of entries) {
    for (const field of all(`[name="${CSS.escape(name)}"]`, form)) {
      if (field.type !== "checkbox") field.value = value;
      else if (field.value === value) field.checked = true;
    }
  }
  form.closest("details")?.setAttribute("open", "");
  for (const field of all("[data-counted]", form)) field.dispatchEvent(new Event("input", { bubbles: true }));
}

for (const form of forms) {
  saved.set(form, "unsaved" in form.dataset ? "" : written(form)); // refused, and drawn again as it was written
  const mark = element("span", "label unsaved", "Not saved yet");
  mark.setAttribute("role", "status");
  one("button:not([type=button])", form).before(mark);
}
const kept = JSON.parse(sessionStorage.getItem(PLACE) ?? "{}");
sessionStorage.removeItem(PLACE);
for (const form of forms) if (kept[addressOf(form)]) write(form, kept[addressOf(form)]);
tell();
document.addEventListener("input", tell);
addEventListener("pageshow", () => (isSaving = false));

// Saving one form draws the page anew: what stands in the others is written there again.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !addressOf(event.target).startsWith("/settings")) return;
  isSaving = true;
  const others = unsaved().filter((form) => form !== event.target);
  sessionStorage.setItem(PLACE, JSON.stringify(Object.fromEntries(others.map((form) => [addressOf(form), fields(form)]))));
});
