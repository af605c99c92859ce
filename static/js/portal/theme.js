// The theme: kept in a cookie, so that the server draws the next page in it and nothing flashes.

import { keep } from "../browser/cookies.js";
import { all, one } from "../browser/dom.js";

const root = document.documentElement;
const isDark = () => getComputedStyle(root).colorScheme.includes("dark");

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-form]")) return;
  event.preventDefault();
  const next = isDark() ? "light" : "dark";
  root.dataset.theme = next;
  keep("galaxy_theme", next);
  for (const form of all("[data-theme-form]")) one("[name=theme]", form).value = next === "dark" ? "light" : "dark";
});

// The server groups chats by the person's day and greets by their hour.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) keep("galaxy_zone", zone);
