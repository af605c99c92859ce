r"""Mathematics, kept whole as its source: `\(…\)`, `\[…\]`, `$…$` and `$$…$$`. Money stays money.

Nothing inside a formula is a mark of Markdown, and no backslash of it goes. A formula ends with its paragraph at the latest.
"""

import re

from markdown_it.rules_block.state_block import StateBlock
from markdown_it.rules_inline.state_inline import StateInline

CLOSING = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}
# What stands in escaped brackets and is not a formula: a footnote, a box to check, words.
BRACKETED = re.compile(r"\s*(?:\d*|[xX]|[^\W\d_]{2,}(?:\s+[^\W\d_]+)*)\s*")
AMOUNT = re.compile(r"\d[^\\]*?\s[^\W\d_]{2}[^\\]*")  # a number with a word of prose behind it, and no command of TeX


def formula(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  markdown-it's
    """The inline rule. Before the one of escapes, which would take the backslash away."""
    source, start = state.src, state.pos
    if source[start] not in "\\$":
        return False
    end = _end(source, start, state.posMax)
    if end < 0:
        return False
    if not silent:
        token = state.push("formula", "span", 0)
        token.content = source[start:end]
    state.pos = end
    return True


def formula_lines(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  markdown-it's
    r"""The block rule: lines from `\[` or `$$` to the line that closes it are one paragraph, whatever each begins with."""
    line = _line(state, start)
    closing = CLOSING.get(line[:2])
    if line[:2] == "\\(" or closing is None or closing in line[2:] or state.is_code_block(start):
        return False
    if silent:
        return True
    after = start + 1
    while after < end and not state.isEmpty(after) and state.sCount[after] >= state.blkIndent:
        after += 1
        if closing in _line(state, after - 1):
            break
    state.line = after
    for kind, nesting in (("paragraph_open", 1), ("inline", 0), ("paragraph_close", -1)):
        token = state.push(kind, "p" if nesting else "", nesting)  # type: ignore[arg-type]
        token.map = [start, after]
        if kind == "inline":
            token.content, token.children = state.getLines(start, after, state.blkIndent, False).strip(), []
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _end(source: str, start: int, most: int) -> int:
    """Find the end of the formula that begins there; -1 if none does."""
    opening = source[start : start + 2]
    closing = CLOSING.get(opening)
    if closing is None:
        return _end_of_dollars(source, start, most) if opening[:1] == "$" else -1
    at = source.find(closing, start + 2, most)
    words = source[start + 2 : at]
    if at < 0 or not words.strip():
        return -1
    if opening == "\\[" and (source[at + 2 : at + 3] == "(" or BRACKETED.fullmatch(words)):
        return -1
    return at + 2


def _end_of_dollars(source: str, start: int, most: int) -> int:
    """As pandoc has it: no space inside, no digit behind; and nothing that reads as an amount of money."""
    at = start
    while True:
        at = source.find("$", at + 1, most)
        if at < 0:
            return -1
        if source[at - 1] != "\\":
            break
    words, before, after = source[start + 1 : at], source[start - 1 : start], source[at + 1 : at + 2]
    if not words or words[0].isspace() or words[-1].isspace() or after.isalnum() or before.isalnum() or "`" in words:
        return -1
    return -1 if AMOUNT.fullmatch(words) else at + 1
