// What was written on a page of forms and not saved: it says so, and is not left in silence.

import { all, element, one } from "../browser/dom.js";

const NOT_WRITTEN = ["csrfmiddlewaretoken", "once"];
const saved = new WeakMap(); // form -> what the server knows

const forms = () => all("[data-guarded]");
const fields = (form) => [...new FormData(form)].filter(([name]) => !NOT_WRITTEN.includes(name));
const written = (form) => JSON.stringify(fields(form));
const unsaved = () => forms().filter((form) => written(form) !== saved.get(form));
const asks = (event) => event.preventDefault();

function tell() {
  const open = unsaved();
  for (const form of forms()) one(".unsaved", form).hidden = !open.includes(form);
  removeEventListener("beforeunload", asks);
  if (open.length) addEventListener("beforeunload", asks);
}

// A form that is sent comes back drawn anew: saved, or refused and as it was written.
function watch(form) {
  saved.set(form, "unsaved" in form.dataset ? "" : written(form));
  const mark = element("span", "label unsaved", "Not saved yet");
  mark.setAttribute("role", "status");
  one("button:not([type=button])", form).before(mark);
}

function look() {
  for (const form of forms()) if (!saved.has(form)) watch(form);
  tell();
}

look();
document.addEventListener("htmx:after:swap", look);
document.addEventListener("input", tell);
