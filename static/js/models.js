// The models to choose from, drawn anew when the server says that they changed. What was chosen stays, as long as it is there.

import { watchPicker } from "./menus.js";
import { all, one } from "./part.js";
import { text } from "./server.js";

const chosen = () => one("input[name=model]:checked")?.value;

function draw(page) {
  const slot = one("[data-models-slot]");
  const before = chosen();
  slot.replaceChildren(...one("[data-models-slot]", page).childNodes);
  const radio = all("input[name=model]", slot).find(({ value }) => value === before);
  if (radio) radio.click();
  all("[data-picker]", slot).forEach(watchPicker);
  radio?.dispatchEvent(new Event("change", { bubbles: true }));
  const note = one("#no-model", page);
  one("#no-model")?.remove();
  if (note) one(".start > .composer-wrap")?.before(note);
}

export async function refreshModels() {
  const menu = document.getElementById("model-menu");
  if (menu?.matches(":popover-open")) return menu.addEventListener("toggle", refreshModels, { once: true });
  draw(new DOMParser().parseFromString(await text(location.pathname), "text/html"));
}
