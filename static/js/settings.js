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
const sections = all(".settings section");
const inView = new Set();
const seen = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) isIntersecting ? inView.add(target) : inView.delete(target);
    const first = sections.find((section) => inView.has(section));
    if (first) mark(first.id);
  },
  { root: one("[data-scroll]"), rootMargin: "0px 0px -70% 0px" },
);
sections.forEach((section) => seen.observe(section));
