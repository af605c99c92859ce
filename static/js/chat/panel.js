// The panel beside the chat: what its answers made, shown and to download. On a phone it is a sheet.

import { all, block, element, one } from "../browser/dom.js";
import { htmx } from "../portal/live.js";

const MOST_TEXT = 200000;
const MOST_ROWS = 200;
const root = document.documentElement;
const wide = matchMedia("(min-width: 68.001rem)");
const panel = document.getElementById("panel");
const list = document.getElementById("artifacts");
const chat = () => one("[data-chat]").dataset.conversation;
const button = () => one("[data-panel]");
const isShown = () => (wide.matches ? root.dataset.beside === "shown" : panel.matches(":popover-open"));

function show(shows) {
  const hadFocus = panel.contains(document.activeElement);
  if (wide.matches) root.dataset.beside = shows ? "shown" : "";
  else if (shows) panel.showPopover();
  else panel.hidePopover();
  changed();
  if (!shows && hadFocus) button()?.focus();
}

function changed() {
  button()?.setAttribute("aria-pressed", isShown());
  if (isShown()) refresh();
}

// Drawn anew, it keeps the version that one looks at.
async function refresh() {
  if (!chat()) return;
  await htmx.ajax("GET", `/c/${chat()}/artifacts`, { source: list, target: list, swap: "innerMorph", event: new Event("notice:runs") });
  for (const made of all("[data-made]", list)) if (made.dataset.drawn !== made.dataset.version) draw(made);
}

const address = ({ made, version }) => `/artifacts/${encodeURIComponent(made)}/${version}`;

async function draw(made) {
  const { kind, version } = made.dataset;
  made.dataset.drawn = version;
  one("[data-download]", made).href = `${address(made.dataset)}?download`;
  const place = one("[data-preview]", made);
  if (kind === "image") return place.replaceChildren(Object.assign(element("img"), { src: address(made.dataset), alt: one(".truncate", made).textContent }));
  if (kind === "file") return place.replaceChildren(element("p", "label", "Download it to see it."));
  const text = await read(address(made.dataset));
  if (made.dataset.drawn !== version) return;
  if (text === null) place.replaceChildren(element("p", "label", "It cannot be shown just now."));
  else place.replaceChildren(kind === "table" ? tableOf(text) : textOf(text));
}

async function read(path) {
  try {
    const answer = await fetch(path, { headers: { Range: `bytes=0-${MOST_TEXT - 1}` } });
    return answer.ok ? (await answer.text()).slice(0, MOST_TEXT) : null;
  } catch {
    return null;
  }
}

const textOf = (text) => Object.assign(element("pre", "output", text), { tabIndex: 0 });

function tableOf(text) {
  const [head = [], ...rows] = cellsOf(text);
  const table = element("table", "table dense");
  table.append(element("thead"), element("tbody"));
  table.tHead.append(row(head, "th"));
  table.tBodies[0].append(...rows.slice(0, MOST_ROWS).map((cells) => row(cells, "td")));
  const frame = Object.assign(element("div", "table-scroll scroll-x"), { tabIndex: 0 });
  frame.append(table);
  const parts = document.createDocumentFragment();
  parts.append(frame);
  if (rows.length > MOST_ROWS) parts.append(element("p", "label", `The first ${MOST_ROWS} rows.`));
  return parts;
}

function row(cells, tag) {
  const part = element("tr");
  part.append(...cells.map((words) => block(tag, "", words)));
  return part;
}

// Fields between quotes may hold commas and line ends.
function cellsOf(text) {
  const comma = text.split("\n", 1)[0].includes("\t") ? "\t" : ",";
  const rows = [[]];
  let at = 0;
  const field = new RegExp(`("(?:[^"]|"")*"|[^${comma}\\r\\n]*)(${comma}|\\r?\\n|$)`, "y");
  while (at < text.length && rows.length <= MOST_ROWS + 2) {
    field.lastIndex = at;
    const [whole, value, end] = field.exec(text) ?? [text.slice(at), text.slice(at), ""];
    rows.at(-1).push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    at += whole.length || 1;
    if (end.includes("\n")) rows.push([]);
  }
  return rows.filter((cells) => cells.length > 1 || cells[0]);
}

// There is a button once there is something to see.
function look() {
  if (button()) button().hidden = !one(".pieces .artifact[data-artifact]");
  if (isShown()) refresh();
}

// On a narrow page the buttons open and close it as the popover that it is there.
document.addEventListener("click", (event) => {
  const { target } = event;
  const toggle = target.closest?.("[popovertarget=panel]");
  if (toggle && wide.matches) {
    event.preventDefault();
    show(toggle.matches("[data-panel]") && !isShown());
  }
  const opener = target.closest?.("[data-open-artifact]");
  if (opener) open(opener.closest("[data-artifact]").dataset);
});
list.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-versions]")) return;
  const made = target.closest("[data-made]");
  made.dataset.version = target.value;
  draw(made);
});
panel.addEventListener("toggle", changed);
wide.addEventListener("change", () => panel.matches(":popover-open") && panel.hidePopover());

async function open({ artifact, version }) {
  show(true);
  await refresh();
  const made = document.getElementById(`made-${artifact}`);
  if (!made) return;
  const versions = one("[data-versions]", made);
  if (versions) versions.value = version;
  made.dataset.version = version;
  draw(made);
  made.scrollIntoView({ block: "nearest" });
}

look();
document.addEventListener("piece:drawn", look);
document.addEventListener("htmx:after:swap", ({ detail }) => detail.ctx.target !== list && look());
