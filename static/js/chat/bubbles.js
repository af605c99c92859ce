// The bubbles of messages that this page sends, and what they wait for.

import { make, one } from "../browser/dom.js";

export function question({ requestId, text }) {
  const part = make("question-template");
  part.dataset.request = requestId;
  one(".bubble", part).textContent = text;
  return part;
}

// `reason` says what it waits for; without one it is under way.
export function setWaiting(part, reason, takeBack) {
  const bubble = one(".bubble", part);
  const words = one(".words", bubble);
  const text = words ? words.textContent : bubble.textContent;
  bubble.classList.toggle("waiting", Boolean(reason));
  if (!reason) return void (words && (bubble.textContent = text));
  if (!words) bubble.replaceChildren(Object.assign(document.createElement("span"), { className: "words", textContent: text }), make("waiting-template"));
  one(".label > span", bubble).textContent = reason;
  one("[data-take-back]", bubble).onclick = takeBack;
}

// It is stored now: it gets the time and the actions of every question.
export function setSent(part) {
  delete part.dataset.request;
  const now = new Date();
  const time = one("time", part);
  time.dateTime = now.toISOString();
  time.textContent = `${String(now.getHours()).padStart(2, "0")}:${String(now.getMinutes()).padStart(2, "0")}`;
  one(".message-actions", part).hidden = false;
}
