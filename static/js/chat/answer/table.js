// A table whose rows still come: drawn plain, in the shape it will have. Only ever as text, never as HTML.

import { block, element } from "../../browser/dom.js";

const BORDER = /^[ \t]*\||\|[ \t]*$/g;
const DELIMITER = /^[ \t|:-]*$/;
// What ends a table: an empty line, or another block.
export const TABLE_END = /\n[ \t]*\n|\n(?= {0,3}(?:```|~~~|#{1,6} |[-*+] |\d{1,3}[.)] |> ))/;

// Whether words that begin a block begin a table: the line below the head is not there yet, or it is one of dashes.
export function beginsTable(words) {
  const [head, below, ...rows] = words.split("\n");
  if (!/^ {0,3}\|/.test(head)) return false;
  if (below?.includes("-") && DELIMITER.test(below)) return true;
  return /^ {0,3}\|([ \t]|$)/.test(head) && (below === undefined || (DELIMITER.test(below) && !rows.length));
}

const CODE = /(?<![\\`])(`+)(?!`)(.*?)(?<!`)\1(?!`)/g;
const BAR = /(?<!\\)\|/g;
const MASK = "\ufdd0"; // stands for a bar that parts no cells
const BREAK = /<br[ \t]*\/?>/i;

function betweenCells(row) {
  const ends = [row.search(/\S/), row.trimEnd().length - 1];
  return [...row.matchAll(BAR)].map(({ index }) => index).filter((place) => !ends.includes(place));
}

// As `chat.markdown.bars` has it: bars within code, and those of more cells than there are columns, part nothing.
function masked(row, columns) {
  if (betweenCells(row).length + 1 === columns) return row;
  const whole = row.replace(CODE, (code) => code.replace(BAR, MASK));
  const surplus = betweenCells(whole).slice(Math.max(0, columns - 1));
  if (!surplus.length || !/[^|\s]/.test(whole.slice(surplus[0]))) return whole;
  return whole.split("").map((unit, place) => (surplus.includes(place) ? MASK : unit)).join("");
}

function cells(line, columns = Infinity) {
  const parts = masked(line, columns).replace(BORDER, "").split(BAR);
  return parts.map((words) => words.trim().replaceAll("\\|", "|").replaceAll(MASK, "|"));
}

// The line of dashes tells how columns stand; so do the heads of a table that the server drew.
const align = (dashes) => (/^-+:$/.test(dashes) ? "number" : /^:-+:$/.test(dashes) ? "center" : "");

function cell(tag, look, words = "") {
  const part = block(tag, look);
  words.split(BREAK).forEach((line, at) => part.append(...(at ? [element("br")] : []), line));
  return part;
}

function row(line, tag, looks) {
  const part = element("tr");
  const words = tag === "th" ? cells(line) : cells(line, looks.length); // of the line of dashes not all may be there yet
  const count = tag === "th" ? words.length : looks.length;
  for (let at = 0; at < count; at++) part.append(cell(tag, looks[at] ?? "", words[at]));
  return part;
}

// Adds the rows of these lines to a table; gives the new ones.
export function addRows(table, words) {
  const looks = [...table.querySelectorAll("th")].map((head) => head.className);
  const rows = words.split("\n").filter((line) => /[^\s|]/.test(line)).map((line) => row(line, "td", looks));
  if (rows.length && !table.tBodies.length) table.append(element("tbody"));
  table.tBodies[0]?.append(...rows);
  return rows;
}

// Where the caret stands: behind the last words.
export function lastCell(frame) {
  const every = [...frame.querySelectorAll("th, td")];
  return every.findLast((cell) => cell.textContent) ?? every[0];
}

export function newTable(words) {
  const [head, below = "", ...lines] = words.split("\n");
  const frame = element("div", "table-scroll scroll-x");
  const table = element("table", "table");
  const top = element("thead");
  top.append(row(head, "th", cells(below).map(align)));
  table.append(top);
  frame.append(table);
  addRows(table, lines.join("\n"));
  return frame;
}
