// Finding parts of the page, and making new ones from its templates.

export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

export function make(template) {
  return document.getElementById(template).content.firstElementChild.cloneNode(true);
}

export function element(tag, className = "", text = "") {
  const part = document.createElement(tag);
  if (className) part.className = className;
  if (text) part.textContent = text;
  return part;
}

// A block of words, which has the direction of its own.
export const block = (tag, className = "", text = "") => Object.assign(element(tag, className, text), { dir: "auto" });

export function setIcon(svg, name) {
  svg.firstElementChild.setAttribute("href", `#${name}`);
}

export function announce(words) {
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = words;
}

// Not crypto.randomUUID: that is missing where a household opens the portal by plain HTTP.
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
