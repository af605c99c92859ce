// The settings page: themes count at once, and the instructions count their characters. Everything else is forms.

import { keep } from "../browser/cookies.js";
import { all, one } from "../browser/dom.js";

const themes = one("[data-themes]");
themes.addEventListener("change", (event) => {
  document.documentElement.dataset.theme = event.target.value;
  keep("galaxy_theme", event.target.value);
});

function count({ target }) {
  if (!target.matches("[data-counted]")) return;
  const most = Number(target.maxLength);
  one("[data-count]", target.form).textContent = `${target.value.length.toLocaleString("en")} of ${most.toLocaleString("en")} characters`;
}
document.addEventListener("input", count);
const counted = () => count({ target: one("[data-counted]") });
document.addEventListener("htmx:after:swap", counted);
counted();

// The part of the page that is read is marked in the list of parts. One that was asked for stays marked until the person
// scrolls by themselves: a short one near the end cannot come to the top.
const links = all(".settings-nav a");
const sections = () => all(".settings section");
const scroller = one("[data-scroll]");
const inView = new Set(); // ids
let asked = "";

function mark() {
  const id = asked || sections().find((section) => inView.has(section.id))?.id;
  if (id) for (const link of links) link.setAttribute("aria-current", link.hash === `#${id}` ? "page" : "false");
}

function ask(id) {
  asked = sections().some((section) => section.id === id) ? id : "";
  mark();
}

const seen = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) isIntersecting ? inView.add(target.id) : inView.delete(target.id);
    mark();
  },
  { root: scroller, rootMargin: "0px 0px -70% 0px" },
);
const watch = () => sections().forEach((section) => seen.observe(section));
watch();
document.addEventListener("htmx:after:swap", watch); // a form that is sent has its section drawn anew

const SCROLLING = ["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", " "];
for (const link of links) link.addEventListener("click", () => ask(link.hash.slice(1)));
for (const event of ["wheel", "touchmove"]) scroller.addEventListener(event, () => ask(""), { passive: true });
scroller.addEventListener("pointerdown", (event) => event.target === scroller && ask("")); // its scroll bar
addEventListener("keydown", ({ key, target }) => SCROLLING.includes(key) && !target.closest("input, textarea, select") && ask(""));
addEventListener("hashchange", () => ask(location.hash.slice(1)));
ask(location.hash.slice(1));
