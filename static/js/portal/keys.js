// The keys of the portal. Single letters are quiet while someone writes, and can be switched off in the list of keys.

import { all, one } from "../browser/dom.js";
import { toggleSidebar } from "./sidebar.js";

const OFF = "single-keys-off";
const writes = (target) => target.matches?.("input:not([type=radio]):not([type=checkbox]), textarea, [contenteditable]");

function step(direction) {
  const messages = all(".message");
  if (!messages.length) return;
  const line = one("[data-thread]").getBoundingClientRect().top + 40;
  const tops = messages.map((message) => message.getBoundingClientRect().top - line);
  const at = direction > 0 ? tops.findIndex((top) => top > 4) : tops.findLastIndex((top) => top < -4);
  messages[at]?.scrollIntoView({ block: "start" });
}

const single = {
  "/": () => document.getElementById("message")?.focus(),
  "[": toggleSidebar,
  "?": () => document.getElementById("help")?.togglePopover(),
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  const control = event.ctrlKey || event.metaKey;
  if (control && !event.altKey && event.key.toLowerCase() === "j") {
    event.preventDefault();
    location.assign("/");
  } else if (control && !event.altKey && event.key === ",") {
    event.preventDefault();
    location.assign("/settings");
  } else if (event.altKey && !control && ["ArrowUp", "ArrowDown"].includes(event.key)) {
    event.preventDefault();
    step(event.key === "ArrowUp" ? -1 : 1);
  } else if (!control && !event.altKey && event.key in single && !writes(event.target) && !localStorage.getItem(OFF)) {
    event.preventDefault();
    single[event.key]();
  }
});

const choice = one("[data-single-keys]");
if (choice) {
  choice.checked = !localStorage.getItem(OFF);
  choice.addEventListener("change", () => (choice.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
}
