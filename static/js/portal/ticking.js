// Times that go by: `data-since` counts up and `data-until` down, in milliseconds since 1970. Nothing is asked for.

import { all } from "../browser/dom.js";

const SECOND = 1000;

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

function left(milliseconds) {
  const hours = milliseconds / 3600000;
  if (milliseconds <= 0) return "Time is up";
  if (hours >= 48) return `${Math.floor(hours / 24)} days left`;
  return hours >= 1 ? `${Math.floor(hours)} h left` : `${clock(milliseconds / SECOND)} left`;
}

function tick() {
  for (const part of all("[data-until]")) {
    const words = left(Number(part.dataset.until) - Date.now());
    if (part.textContent !== words) part.textContent = words;
  }
  for (const part of all("[data-since]")) part.textContent = clock(Math.max(0, Date.now() - Number(part.dataset.since)) / SECOND);
}

setInterval(tick, SECOND);
