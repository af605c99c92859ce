"""Untrusted Markdown of a model as tokens and then as safe HTML. How much of it at once, `blocks` decides.

markdown-it renders with raw HTML off; what comes out passes an allow-list (nh3). Images never load: each becomes a link.
References (`[text][id]` with a definition elsewhere) are off, so that every block can be rendered on its own as it streams.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import emphasis, strikethrough
from markdown_it.token import Token

from chat.markdown import bars, fences, formulas, highlighting, marks
from chat.markdown.addresses import Addresses
from chat.markdown.emphasis import beside_cjk

NEW_LINE = "\n"
SCHEMES = {"http", "https", "mailto", "tel"}
_INLINE = {"a", "br", "code", "em", "input", "s", "span", "strong"}
_BLOCKS = {"blockquote", "div", "header", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
_TABLE = {"table", "tbody", "td", "th", "thead", "tr"}
_CLASSES = {
    "div": {"code", "table-scroll", "scroll-x"},
    "li": {"task"},
    "span": {"c", "f", "k", "n", "s", "math"},
    "table": {"table"},
    "td": {"number", "center"},
    "th": {"number", "center"},
}
# Each block that holds words has the direction of its own words; code and mathematics run from left to right everywhere.
_BY_THEIR_WORDS = {"p", "h3", "h4", "h5", "h6", "li", "td", "th"}
_VALUES: dict[str, dict[str, set[str]]] = {
    **{tag: {"dir": {"auto"}} for tag in _BY_THEIR_WORDS},
    **{tag: {"dir": {"ltr"}} for tag in ("code", "span")},
    "pre": {"tabindex": {"0"}},
    "div": {"dir": {"ltr"}, "tabindex": {"0"}},
    "input": {"type": {"checkbox"}, "disabled": {""}, "checked": {""}, "aria-label": {"Done", "To do"}},
}
_cleaner = nh3.Cleaner(
    tags=_INLINE | _BLOCKS | _TABLE,
    attributes={"a": {"href", "title"}, "ol": {"start"}},
    tag_attribute_values=_VALUES,
    set_tag_attribute_values={"a": {"target": "_blank"}},
    allowed_classes=_CLASSES,
    url_schemes=SCHEMES,
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
)


@dataclass(frozen=True)
class Piece:
    """A top-level block: its tokens, and the lines it stands on (`end_line` is the first beyond it)."""

    tokens: list[Token]
    first_line: int
    end_line: int

    @property
    def kind(self) -> str:
        """markdown-it's name of the block, such as `fence` or `paragraph_open`."""
        return self.tokens[0].type

    @property
    def language(self) -> str:
        """Language that a code fence names."""
        return next(iter(self.tokens[0].info.split()), "")

    @property
    def has_code(self) -> bool:
        """True if there is a code fence in it, which takes time to highlight."""
        return any(token.type == "fence" for token in self.tokens)

    def html(self, *, highlighted: bool = True) -> str:
        """The block as safe HTML."""
        environment = {"highlighted": highlighted}
        return _cleaner.clean(_parser.renderer.render(_adapted(self.tokens), _parser.options, environment)).strip()


class _Renderer(RendererHTML):
    """The portal's own look: code boxes, tables that scroll inside themselves, links instead of images."""

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:  # noqa: ARG002
        """A code box with its language."""
        language = next(iter(tokens[idx].info.split()), "")
        return code_box(tokens[idx].content, language, highlighted=env["highlighted"])

    def code_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:  # noqa: ARG002
        """Indented code: the same box, no language."""
        return code_box(tokens[idx].content, "")

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """A link to the image: a foreign image that loads by itself tells its server who reads the answer."""
        source = str(tokens[idx].attrs["src"])
        words = escape(self.renderInlineAsText(tokens[idx].children or [], options, env) or source)
        inside_link = sum({"link_open": 1, "link_close": -1}.get(token.type, 0) for token in tokens[:idx])
        return words if inside_link else f'<a href="{escape(source)}">{words}</a>'

    def formula(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:  # noqa: ARG002
        """Mathematics as its source."""
        return f'<span class="math" dir="ltr">{escape(tokens[idx].content)}</span>'

    def box(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:  # noqa: ARG002
        """A box that shows whether it is checked, and cannot be."""
        state = 'aria-label="Done" checked=""' if tokens[idx].meta["is_checked"] else 'aria-label="To do"'
        return f'<input type="checkbox" disabled="" {state}> '

    def table_open(self, *_: Any) -> str:
        """The frame that a wide table scrolls in."""
        return '<div class="table-scroll scroll-x" tabindex="0"><table class="table">'

    def table_close(self, *_: Any) -> str:
        """The end of a table's frame."""
        return "</table></div>"


def code_box(code: str, language: str, *, highlighted: bool = True) -> str:
    """A code box, highlighted where the language is known."""
    label, html = highlighting.highlight(code, language) if highlighted else highlighting.plain(code, language)
    head = f"<header><span>{escape(label)}</span></header>"
    return f'<div class="code" dir="ltr">{head}<pre tabindex="0"><code>{html}</code></pre></div>'


def plain(text: str) -> str:
    """The text as it stands, as paragraphs with their line breaks."""
    paragraphs = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd"))
    return "".join(
        f'<p dir="auto">{escape(words).replace(NEW_LINE, "<br>")}</p>' for part in paragraphs if (words := part.strip())
    )


def pieces(text: str, *, flat: bool = False) -> Iterator[Piece]:
    """The top-level blocks of the text; `flat`: no fence holds others."""
    tokens = _parser.parse(text, {fences.FLAT: flat})
    start = depth = 0
    for index, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            group = tokens[start : index + 1]
            first_line, end_line = group[0].map or [0, 0]
            yield Piece(group, first_line, end_line)
            start = index + 1


def _adapted(tokens: list[Token]) -> list[Token]:
    """Headings below the page's own; the alignment of a cell as a class, because inline styles are forbidden; directions."""
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
        elif token.type in ("th_open", "td_open"):
            style = str(token.attrs.pop("style", ""))
            if name := {"text-align:right": "number", "text-align:center": "center"}.get(style):
                token.attrs["class"] = name
        if token.nesting == 1 and token.tag in _BY_THEIR_WORDS:
            token.attrs["dir"] = "auto"
        for part in token.children or []:
            if part.type == "code_inline":
                part.attrs["dir"] = "ltr"
    return tokens


def _made() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "linkify": True}, renderer_cls=_Renderer)
    made.enable(["table", "strikethrough", "linkify"])
    made.disable(["reference", "html_block", "html_inline"])
    made.linkify = Addresses()
    made.block.ruler.at("table", bars.table, {"alt": ["paragraph"]})
    made.block.ruler.at("fence", fences.fence, {"alt": ["paragraph", "blockquote", "list"]})
    made.block.ruler.before("fence", "formula", formulas.formula_lines, {"alt": ["paragraph", "blockquote", "list"]})
    made.inline.ruler.before("escape", "formula", formulas.formula)
    made.inline.ruler.before("autolink", "break", marks.line_break)
    made.inline.ruler.at("emphasis", beside_cjk(emphasis.tokenize))
    made.inline.ruler.at("strikethrough", beside_cjk(strikethrough.tokenize))
    made.core.ruler.after("inline", "boxes", marks.boxes)
    return made


_parser = _made()
