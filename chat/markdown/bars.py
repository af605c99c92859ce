r"""Bars in the rows of a table that part no cells: those within code, and those of more cells than there are columns.

Where GFM would cut `` `a|b` `` in two and drop the last cell, here the code stays whole and no cell is lost.
"""

import re

from markdown_it.rules_block import table as plain_table
from markdown_it.rules_block.state_block import StateBlock

DASHES = re.compile(r"[ \t]*[|:-][-:| \t]*\Z")
CODE = re.compile(r"(?<![\\`])(`+)(?!`)(.*?)(?<!`)\1(?!`)")
BAR = re.compile(r"(?<!\\)\|")
MASK = "\ufdd0"  # no character of any text: it stands for a bar while the row is cut


def table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  markdown-it's
    """The block rule, in the place of markdown-it's own."""
    if start + 2 > end or not DASHES.match(_line(state, start + 1)):
        return False
    source, first = state.src, len(state.tokens)
    state.src = _masked(state, start, end)
    try:
        return plain_table(state, start, end, silent)
    finally:
        state.src = source
        for token in state.tokens[first:]:
            token.content = token.content.replace(MASK, "|")


def masked(row: str, columns: int) -> str:
    """The row with a mask for each bar that parts no cells. A row that has its cells by GFM's rule stays as it is."""
    if len(_between_cells(row)) + 1 == columns:
        return row
    row = CODE.sub(lambda code: BAR.sub(MASK, code[0]), row)
    surplus = _between_cells(row)[max(0, columns - 1) :]
    if not surplus or not row[surplus[0] :].strip("| \t"):
        return row
    return "".join(MASK if place in surplus else character for place, character in enumerate(row))


def _masked(state: StateBlock, start: int, end: int) -> str:
    columns = len([cell for cell in _line(state, start + 1).split("|") if cell.strip()])
    parts, at = [], 0
    for line in range(start, end):
        if line > start and state.isEmpty(line):
            break
        parts += [state.src[at : state.bMarks[line]], masked(state.src[state.bMarks[line] : state.eMarks[line]], columns)]
        at = state.eMarks[line]
    return "".join([*parts, state.src[at:]])


def _between_cells(row: str) -> list[int]:
    """The bars that are neither the first thing in the row nor the last."""
    found = [bar.start() for bar in BAR.finditer(row)]
    first = len(row) - len(row.lstrip())
    return [place for place in found if place not in (first, len(row.rstrip()) - 1)]


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
