// Copy buttons: code as it stands, answers as Markdown, questions, run ids.

import { write } from "../browser/clipboard.js";
import { all, announce, make, one, setIcon } from "../browser/dom.js";
import { text } from "../browser/rest.js";
import { toast } from "./toasts.js";

// Every code box gets its button here: without script there is nothing that could copy.
export function dress(root) {
  for (const header of all(".code > header", root)) {
    if (!one("button", header)) header.append(make("copy-template"));
  }
}

function source(button) {
  if (button.dataset.copy) return button.dataset.copy;
  if ("copyCode" in button.dataset) return one("code", button.closest(".code")).textContent;
  const message = button.closest(".message");
  if ("copyMessage" in button.dataset) return one(".bubble", message).textContent;
  const { conversation } = one("[data-chat]").dataset;
  return text(`/c/${conversation}/messages/${message.dataset.message}?as=markdown`);
}

function confirm(button) {
  const icon = one(".icon", button);
  announce("Copied");
  if (!icon) return toast("Copied", { icon: "circle-check", seconds: 2 });
  setIcon(icon, "check");
  setTimeout(() => setIcon(icon, "copy"), 2000);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy], [data-copy-code], [data-copy-answer], [data-copy-message]");
  if (!button) return;
  try {
    await write(source(button));
    confirm(button);
  } catch (error) {
    toast("That could not be copied. Select it and copy by hand.", { icon: "circle-alert" });
  }
});

if (document.getElementById("copy-template")) dress(document);
