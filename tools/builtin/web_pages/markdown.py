"""Markdown of a part of a page: headings, paragraphs, lists, links, tables, code."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborNode

from tools.builtin.web_pages import tables

DEEPEST = 60  # elements inside each other; what is deeper is read as plain text
LONGEST_LINK = 300
HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "code": "`", "kbd": "`", "del": "~~", "s": "~~"}
INLINE = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "img", "input", "ins", "kbd", "label", "mark", "picture", "q", "rp", "rt", "ruby", "s", "samp", "small", "source",
    "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
))  # fmt: skip
SPACES = re.compile(r"\s+")


def markdown(node: LexborNode, address: str) -> str:
    """Write a part of a page as Markdown; links are resolved against the address."""
    return "\n\n".join(block for block in _Writer(address).blocks(node, 0) if block.strip())


class _Writer:
    def __init__(self, address: str) -> None:
        self._address = address

    def blocks(self, node: LexborNode, depth: int) -> Iterator[str]:
        """The blocks inside an element, in order."""
        if depth > DEEPEST:
            yield _plain(node)
            return
        run: list[str] = []
        for child in node.iter(include_text=True):
            if child.is_text_node or child.tag in INLINE:
                run.append(self._inline(child, depth + 1))
            elif child.is_element_node:
                yield _joined(run)
                run = []
                yield from self._block(child, depth + 1)
        yield _joined(run)

    def _block(self, node: LexborNode, depth: int) -> Iterator[str]:
        tag = node.tag or ""
        if tag in HEADINGS:
            text = self._text_of(node, depth)
            yield f"{HEADINGS[tag]} {text}" if text else ""
        elif tag == "pre":
            yield _fenced(node.text())
        elif tag in ("ul", "ol"):
            yield "\n".join(self._items(node, depth))
        elif tag == "blockquote":
            inside = "\n\n".join(block for block in self.blocks(node, depth) if block)
            yield "\n".join(f"> {line}".rstrip() for line in inside.splitlines())
        elif tag == "table" and tables.has_data(node):
            yield tables.written(node, lambda cell: self._text_of(cell, depth))
        elif tag == "hr":
            yield "---"
        else:
            yield from self.blocks(node, depth)

    def _items(self, node: LexborNode, depth: int) -> Iterator[str]:
        number = 0
        for child in node.iter():
            inside = [block for block in self.blocks(child, depth + 1) if block]
            if inside:
                number += 1
                mark = f"{number}." if node.tag == "ol" else "-"
                lines = "\n".join(inside).splitlines()
                yield "\n".join([f"{mark} {lines[0]}", *(f"  {line}" for line in lines[1:])])

    def _inline(self, node: LexborNode, depth: int) -> str:
        if node.is_text_node:
            return SPACES.sub(" ", node.text_content or "")
        tag = node.tag or ""
        if tag in ("br", "wbr"):
            return "\n" if tag == "br" else ""
        if tag == "img":
            words = SPACES.sub(" ", node.attributes.get("alt") or "").strip()
            return f"[Image: {words}]" if words else ""
        text = self._text_of(node, depth) if tag == "a" else self._run(node, depth)
        if tag == "a":
            return self._link(node, text)
        mark = MARKS.get(tag, "")
        return f"{mark}{text.strip()}{mark}" if mark and text.strip() else text

    def _run(self, node: LexborNode, depth: int) -> str:
        if depth > DEEPEST:
            return _plain(node)
        return "".join(self._inline(child, depth + 1) for child in node.iter(include_text=True))

    def _text_of(self, node: LexborNode, depth: int) -> str:
        """All of it in one line."""
        return SPACES.sub(" ", self._run(node, depth)).strip()

    def _link(self, node: LexborNode, text: str) -> str:
        target = (node.attributes.get("href") or "").strip()
        try:
            target = urljoin(self._address, target)
            is_web = urlsplit(target).scheme in ("http", "https")
        except ValueError:
            is_web = False
        if not text or not is_web or len(target) > LONGEST_LINK or target.partition("#")[0] == self._address.partition("#")[0]:
            return text
        return f"[{text}]({target.replace(' ', '%20').replace(')', '%29')})"


def _joined(run: list[str]) -> str:
    lines = (SPACES.sub(" ", line).strip() for line in "".join(run).split("\n"))
    return "\n".join(lines).strip()


def _plain(node: LexborNode) -> str:
    return SPACES.sub(" ", node.text(separator=" ")).strip()


def _fenced(text: str) -> str:
    fence = "`" * max(3, max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    return f"{fence}\n{text.strip(chr(10))}\n{fence}" if text.strip() else ""
