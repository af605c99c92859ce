"""Small marks beyond CommonMark: `<br>` as a line break, and boxes to check at the beginning of list items."""

import re

from markdown_it.rules_core.state_core import StateCore
from markdown_it.rules_inline.state_inline import StateInline
from markdown_it.token import Token

BREAK = re.compile(r"<br[ \t]*/?>", re.IGNORECASE)
BOX = re.compile(r"\[([ xX])\](?:[ \t\n]+|\Z)")


def line_break(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  markdown-it's
    """The inline rule: the one tag that is not shown as text. In a cell of a table nothing else breaks a line."""
    found = BREAK.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = found.end()
    return True


def boxes(state: StateCore) -> None:
    """The core rule, once the inline parts are there."""
    for item, paragraph, inline in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if (item.type, paragraph.type, inline.type) == ("list_item_open", "paragraph_open", "inline"):
            _check(item, inline.children or [])


def _check(item: Token, children: list[Token]) -> None:
    found = BOX.match(children[0].content) if children and children[0].type == "text" else None
    if found is None:
        return
    children[0].content = children[0].content[found.end() :]
    box = Token("box", "input", 0)
    box.meta = {"is_checked": found[1] != " "}
    children.insert(0, box)
    item.attrs["class"] = "task"
