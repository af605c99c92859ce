"""Code fences within a fence of Markdown: ```` ```markdown ```` with ```` ```python ```` in it is one block if balanced.

CommonMark ends the outer fence with the first line that could close it, and the rest of the answer stands inside out.
"""

import re
from collections.abc import Callable
from typing import Protocol

from markdown_it.rules_block import fence as plain_fence
from markdown_it.rules_block.state_block import StateBlock

OPENING = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*(?:markdown|md)(?![^\s`])[^\r\n`]*", re.IGNORECASE)
FLAT = "flat"  # in the parser's environment: as CommonMark says, for what is known not to be balanced


class Closing(Protocol):
    """Search for the line that closes a fence."""

    def search(self, text: str, start: int = 0, end: int = ..., /) -> re.Match[str] | None:
        """The closing line, between these places."""


class BalancedClosing:
    """Finds the line that closes a fence of Markdown, past the fences inside it."""

    def __init__(self, marks: str) -> None:
        self._line = re.compile(rf"(?:\A|(?<=[\r\n])) {{0,3}}{marks[0]}{{{len(marks)},}}[ \t]*([^\r\n]*?)[ \t]*(?:\r\n?|\n|\Z)")

    def search(self, text: str, start: int = 0, end: int | None = None, /) -> re.Match[str] | None:
        """As a pattern's; `start` is where the first line inside begins."""
        open_inside: list[bool] = []  # whether each is Markdown itself
        for line in self._line.finditer(text, start, len(text) if end is None else end):
            words = line[1]
            if not words and not open_inside:
                return line
            if not words:
                open_inside.pop()
            elif (not open_inside or open_inside[-1]) and "`" not in words:
                open_inside.append(words.split()[0].lower() in ("markdown", "md"))
        return None


def balanced_closing(line: str) -> BalancedClosing | None:
    """Return the closing of the Markdown fence that this line opens; None for any other line."""
    opening = OPENING.match(line)
    return BalancedClosing(opening[1]) if opening else None


def fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  markdown-it's
    """The block rule, in the place of markdown-it's own."""
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    closing = None if silent or state.env.get(FLAT) or state.is_code_block(start) else balanced_closing(line)
    return (closing is not None and _take(state, start, end, line, closing)) or plain_fence(state, start, end, silent)


def _take(state: StateBlock, start: int, end: int, line: str, closing: BalancedClosing) -> bool:
    last = next(filter(_is_outside(state), range(start + 1, end)), end)
    inside = state.getLines(start + 1, last, state.sCount[start], True)
    found = closing.search(inside)
    if found is None and state.level:  # within a list or a quote all is there already: it is not balanced
        return False
    length = inside.count("\n", 0, found.start()) if found else last - start - 1
    state.line = start + 1 + length + (found is not None)
    token = state.push("fence", "code", 0)
    token.markup = line[: len(line) - len(line.lstrip("`~"))]
    token.info = line[len(token.markup) :]
    token.content = inside[: found.start()] if found else inside
    token.map = [start, state.line]
    return True


def _is_outside(state: StateBlock) -> Callable[[int], bool]:
    return lambda line: not state.isEmpty(line) and state.sCount[line] < state.blkIndent
