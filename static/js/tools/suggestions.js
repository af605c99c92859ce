// Suggested questions. One that is pressed stands in the composer, to be changed or sent; without script its link does the same.

import { one } from "../browser/dom.js";

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-suggestion]");
  if (!pressed || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const field = one("[data-composer] textarea");
  field.value = one("b", pressed).textContent;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});
