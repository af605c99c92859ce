// The Copy button beside a link that an operator passes on.

import { write } from "../browser/clipboard.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const told = button.nextElementSibling;
  try {
    await write(button.dataset.copy);
    told.textContent = "Copied.";
  } catch (error) {
    told.textContent = "That could not be copied. Select it and copy by hand.";
  }
});
