// The text after the drawn blocks, shown plain until the server has made it a block: only ever as text, never as HTML.

const INTO = "UL, OL, LI, BLOCKQUOTE";
const FENCE = /^ {0,3}(`{3,}|~{3,})([^\n]*)(\n?)/;
const BEGUN_CLOSING = /(^|\n) {0,3}[`~]+[ \t]*$/; // perhaps the fence's closing line: held back until that is known

function element(tag, className, text) {
  const part = document.createElement(tag);
  if (className) part.className = className;
  if (text) part.textContent = text;
  return part;
}

// Where words that continue the open block stand; null for blocks that cannot take them, such as a table.
function seat(block) {
  if (!block) return null;
  if (block.matches(".code")) return block.querySelector("code");
  let part = block;
  while (part.matches(INTO) && part.lastElementChild) part = part.lastElementChild;
  if (part.closest(".code, .table-scroll")) return null;
  return part.matches("P, LI, H3, H4, H5, H6, BLOCKQUOTE") ? part : null;
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

  // `block` is the open block, or null; `startsLine`: the words begin a line of their own.
  draw(text, block, startsLine) {
    if (block?.matches(".code")) return this.#drawCode(text, block);
    this.clear();
    const place = seat(block);
    const isTitle = place && /^H/.test(place.tagName);
    if (place && !(isTitle && startsLine)) this.#continue(place, text, startsLine, isTitle);
    else this.#begin(text);
    return this.#end;
  }

  #drawCode(text, block) {
    if (!this.#code) this.#openCode(block.querySelector("code"), 0);
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

  #continue(place, text, startsLine, isTitle) {
    const at = text.search(isTitle ? /\n/ : /\n[ \t]*\n/);
    const words = at < 0 ? text : text.slice(0, at);
    const part = element("span", "tail-text", (startsLine && words ? "\n" : "") + words);
    place.append(part);
    this.#parts.push(part);
    this.#end = part;
    if (at >= 0) this.#begin(text.slice(at));
  }

  // Words that begin blocks of their own: paragraphs, or a code box.
  #begin(text) {
    const rest = text.replace(/^\s+/, "");
    if (!rest) return;
    const fence = FENCE.exec(rest);
    if (fence) return this.#beginCode(rest, fence, text.length - rest.length);
    const at = rest.search(/\n[ \t]*\n|\n(?= {0,3}(```|~~~))/);
    const part = element("p", "tail-text", at < 0 ? rest : rest.slice(0, at));
    this.#root.append(part);
    this.#parts.push(part);
    this.#end = part;
    if (at >= 0) this.#begin(rest.slice(at));
  }

  #beginCode(rest, [line, , language]) {
    const box = element("div", "code");
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
