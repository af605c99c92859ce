// The text after the drawn blocks, shown plain until the server has made it a block: only ever as text, never as HTML.

import { block, element } from "../../browser/dom.js";
import { TABLE_END, addRows, beginsTable, lastCell, newTable } from "./table.js";

const OUTER = "UL, OL, LI, BLOCKQUOTE";
const SEATS = `${OUTER}, P, H3, H4, H5, H6`;
const ITEM = /^[ \t]*(?:[-*+]|\d{1,3}[.)]) /;
const APART = /\n[ \t]*\n$/; // an empty line ends everything but a list
const INSIDE = /^(?:[ \t]*$|[ \t]+|[-*+](?: |$)|\d{1,3}(?:[.)]|$))/; // goes on in the list
const OUTER_END = /\n[ \t]*\n|\n(?=\|)/;
const PARAGRAPH_END = /\n[ \t]*\n|\n(?= {0,3}(?:```|~~~|#{1,6} |[-*+] |\d{1,3}[.)] |> |\|))/;
const FENCE = /^ {0,3}(`{3,}|~{3,})([^\n]*)(\n?)/;
const BEGUN_CLOSING = /(^|\n) {0,3}[`~]+[ \t]*$/; // perhaps the fence's closing line: held back until that is known

// A single line end is a space, as it will be in the finished paragraph, unless two spaces or a backslash make it a break.
const joined = (words) => words.replace(/(?<! {2}|\\)\n(?=.)/g, " ");

// A block as it will be, as far as one can tell by its first characters.
function plainBlock(words) {
  const title = /^ {0,3}(#{1,6}) (.*)$/.exec(words);
  if (title) return block(`h${Math.min(title[1].length + 2, 6)}`, "tail-text", title[2]);
  return block("p", "tail-text", joined(words));
}

// Where words that continue the open block stand; null for blocks that cannot take them.
function seat(open) {
  if (!open) return null;
  if (open.matches(".code")) return open.querySelector("code");
  let part = open;
  while (part.matches(OUTER) && part.lastElementChild?.matches(SEATS)) part = part.lastElementChild;
  return part.matches(SEATS) && !part.matches("UL, OL") ? part : null;
}

export class Tail {
  #root;
  #parts = [];
  #code = null; // { node, drawn }: code is appended to, never drawn again
  #end = null; // where the caret stands

  constructor(root) {
    this.#root = root;
  }

  clear() {
    for (const part of this.#parts) part.remove();
    this.#parts = [];
    this.#code = null;
    this.#end = null;
  }

  // `open` is the open block, or null; `before` is the text up to here.
  draw(text, open, before) {
    const startsLine = before.endsWith("\n"); // the words begin a line of their own
    if (open?.matches(".code")) return this.#drawCode(text, open);
    this.clear();
    if (open?.matches(".table-scroll") && startsLine && !APART.test(before)) return this.#continueTable(open, text);
    const place = seat(open);
    const isTitle = place !== null && /^H/.test(place.tagName);
    const isNext = startsLine && (isTitle || (place?.matches("P") && PARAGRAPH_END.exec(`\n${text}`)?.index === 0));
    const isApart = APART.test(before) && !(place?.closest("li") && INSIDE.test(text));
    if (place && !isNext && !isApart) this.#continue(place, text, startsLine, isTitle);
    else this.#begin(text);
    return this.#end;
  }

  #drawCode(text, open) {
    if (!this.#code) this.#openCode(open.querySelector("code"), 0);
    const { node, start } = this.#code;
    const held = BEGUN_CLOSING.exec(text.slice(start));
    const shown = held ? start + held.index : text.length;
    const drawn = start + node.length;
    if (shown > drawn) node.appendData(text.slice(drawn, shown));
    return this.#end;
  }

  #openCode(code, start) {
    const node = document.createTextNode("");
    const part = element("span", "tail-text");
    part.append(node);
    code.append(part);
    this.#parts.push(part);
    this.#code = { node, start };
    this.#end = part;
  }

  #continueTable(open, text) {
    const at = `\n${text}`.search(TABLE_END);
    const rows = addRows(open.querySelector("table"), at < 0 ? text : text.slice(0, Math.max(0, at - 1)));
    this.#parts.push(...rows);
    this.#end = lastCell(open);
    if (at >= 0) this.#begin(text.slice(Math.max(0, at - 1)));
    return this.#end;
  }

  #continue(place, text, startsLine, isTitle) {
    const item = place.closest("li");
    const at = text.search(isTitle ? /\n/ : item || place.closest("blockquote") ? OUTER_END : PARAGRAPH_END);
    const words = (startsLine ? "\n" : "") + (at < 0 ? text : text.slice(0, at));
    if (item) this.#items(place, item.parentElement, words);
    else this.#add(place, element("span", "tail-text", words.trim() && joined(words)));
    if (at >= 0) this.#begin(text.slice(at));
  }

  // The rest of a list's last item, and the items after it.
  #items(place, list, words) {
    const [rest, ...lines] = words.split(/\n/);
    this.#add(place, element("span", "tail-text", rest));
    for (const line of lines) {
      if (ITEM.test(line)) this.#add(list, block("li", "tail-text", line.replace(ITEM, "")));
      else if (line.trim()) this.#end.append(`\n${line}`);
    }
  }

  #add(place, part) {
    place.append(part);
    this.#parts.push(part);
    this.#end = part;
  }

  // Words that begin blocks of their own: paragraphs, or a code box.
  #begin(text) {
    const rest = text.replace(/^\s+/, "");
    if (!rest) return;
    const fence = FENCE.exec(rest);
    if (fence) return this.#beginCode(rest, fence, text.length - rest.length);
    const isTable = beginsTable(rest);
    const at = rest.search(isTable ? TABLE_END : /^ {0,3}#/.test(rest) ? /\n/ : PARAGRAPH_END);
    const words = at < 0 ? rest : rest.slice(0, at);
    this.#add(this.#root, isTable ? newTable(words) : plainBlock(words));
    if (isTable) this.#end = lastCell(this.#end);
    if (at >= 0) this.#begin(rest.slice(at));
  }

  #beginCode(rest, [line, , language]) {
    const box = Object.assign(element("div", "code"), { dir: "ltr" });
    const header = element("header");
    header.append(element("span", "", language.trim().split(/\s/)[0] || "Text"));
    const pre = element("pre");
    const code = element("code", "tail-text", rest.slice(line.length).replace(BEGUN_CLOSING, ""));
    pre.append(code);
    box.append(header, pre);
    this.#root.append(box);
    this.#parts.push(box);
    this.#end = code;
  }
}
