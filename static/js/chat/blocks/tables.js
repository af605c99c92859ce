// Tables that tools show: put in order by a column, and taken along as a file.

import { all, announce, one } from "../../browser/dom.js";

const FORMULA = /^[=+\-@\t\r]/; // a spreadsheet would run it
const order = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

const valueOf = (row, column) => row.cells[column].dataset.value;

// Empty cells are last in both directions.
function compare(first, second, isNumber) {
  if (first === "" || second === "") return null;
  return isNumber ? Number(first) - Number(second) : order.compare(first, second);
}

function sort(head) {
  const table = head.closest("table");
  const column = head.cellIndex;
  const isDown = head.getAttribute("aria-sort") === "ascending";
  const rows = [...table.tBodies[0].rows];
  rows.sort((one, other) => {
    const [first, second] = [valueOf(one, column), valueOf(other, column)];
    const found = compare(first, second, head.dataset.type === "number");
    if (found === null) return (first === "") - (second === "");
    return isDown ? -found : found;
  });
  table.tBodies[0].append(...rows);
  for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
  announce(`Sorted by ${head.textContent.trim()}, ${isDown ? "descending" : "ascending"}`);
}

function quoted(text, isNumber) {
  const safe = FORMULA.test(text) && !(isNumber || /^-?[\d.,]+$/.test(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function csv(table) {
  const heads = [...table.tHead.rows[0].cells];
  const lines = [heads.map((head) => quoted(head.textContent.trim(), false))];
  for (const row of table.tBodies[0].rows) {
    lines.push([...row.cells].map((cell, at) => quoted(cell.textContent, heads[at].dataset.type === "number")));
  }
  return lines.map((cells) => cells.join(",")).join("\r\n");
}

function save(table) {
  const bytes = new Blob(["\ufeff", csv(table), "\r\n"], { type: "text/csv" });
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(bytes), download: "table.csv" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

document.addEventListener("click", ({ target }) => {
  const head = target.closest?.("[data-sort]");
  if (head) sort(head.closest("th"));
  const button = target.closest?.("[data-csv]");
  if (button) save(one("table", button.closest(".component")));
});
