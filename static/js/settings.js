// The settings page: themes count at once, and the instructions count their characters. Everything else is forms.

import { keep } from "./cookies.js";
import { all, one } from "./part.js";

const themes = one("[data-themes]");
themes.addEventListener("change", (event) => {
  document.documentElement.dataset.theme = event.target.value;
  keep("galaxy_theme", event.target.value);
});

const text = one("[data-counted]");
const count = one("[data-count]");
const most = Number(text.maxLength);
const tell = () => {
  count.textContent = `${text.value.length.toLocaleString("en")} of ${most.toLocaleString("en")} characters`;
};
text.addEventListener("input", tell);
tell();

// The part of the page that is read is marked in the list of parts.
const links = all(".settings-nav a");
const mark = (id) => {
  for (const link of links) link.setAttribute("aria-current", link.hash === `#${id}` ? "page" : "false");
};
const seen = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => mark(entry.target.id)),
  { root: one("[data-scroll]"), rootMargin: "0px 0px -70% 0px" },
);
all(".settings section").forEach((section) => seen.observe(section));
