"""The part of a page that a reader came for: without menus, footers, scripts and what is not seen."""

import re
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

# Nothing to read, or nothing of this page.
DROPPED = (
    "script", "style", "noscript", "template", "svg", "canvas", "iframe", "object", "embed", "audio", "video", "map", "dialog",
    "select", "button", "textarea", "nav", "aside", "menu", "form[role=search]",
)  # fmt: skip
UNSEEN = "[hidden], [aria-hidden=true], [role=navigation], [role=banner], [role=contentinfo], [role=search], [role=dialog]"
AROUND = "header, footer"
# A text that people do not see, but a model would read.
UNSEEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])", re.IGNORECASE
)
LEAST, LEAST_SHARE = 200, 0.25  # characters of a marked main part, below which the whole page is read


class Page(NamedTuple):
    """A page's main part, its title and its language."""

    node: LexborNode | None
    title: str
    language: str
    base: str


def main_part(html: str) -> Page:
    """Find the main part of a page."""
    tree = LexborHTMLParser(html)
    title, language, base = _title(tree), _attribute(tree, "html", "lang"), _attribute(tree, "base", "href")
    for node in tree.css(f"{', '.join(DROPPED)}, {UNSEEN}"):
        node.decompose()
    for node in tree.css("[style]"):
        if UNSEEN_STYLE.search(node.attributes.get("style") or ""):
            node.decompose()
    return Page(_chosen(tree), title, language[:20], base)


def _chosen(tree: LexborHTMLParser) -> LexborNode | None:
    body = tree.body
    if body is None:
        return tree.root
    whole = len(body.text())
    for marked in ("main", "[role=main]", "article"):
        found = tree.css(marked)
        if len(found) == 1 and len(found[0].text()) >= max(LEAST, whole * LEAST_SHARE):
            return found[0]
    for node in body.css(AROUND):
        if not _is_within(node, "article"):
            node.decompose()
    return body


def _is_within(node: LexborNode, tag: str) -> bool:
    above = node.parent
    while above is not None and above.tag != tag:
        above = above.parent
    return above is not None


def _title(tree: LexborHTMLParser) -> str:
    node = tree.css_first("title") or tree.css_first("h1")
    return " ".join(node.text().split())[:300] if node else ""


def _attribute(tree: LexborHTMLParser, tag: str, name: str) -> str:
    node = tree.css_first(f"{tag}[{name}]")
    return (node.attributes.get(name) or "").strip() if node else ""
