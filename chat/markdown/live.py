"""An answer's Markdown as HTML while it still streams: finished blocks once and for good, the open one now and then.

A top-level block is finished when a following one has begun on a complete line; a code fence, when its closing line came.
Only the open end of the text is ever parsed, and no oftener than every 300 ms, so the cost does not grow with the answer.
"""

import re
import time
from collections.abc import Callable

import msgspec

from chat.markdown import parsing
from chat.markdown.blocks import LINE_END, Cut, Cutter, Fence, complete_lines, work_of

PAUSE_SECONDS = 0.3
# Parsing takes at most a tenth of the time, however long the open block is.
SHARE = 10.0
# What one piece of text may cost, of work as `blocks` counts it: no one else is served meanwhile. The next pieces go on.
FEED_WORK = 12_000
OPEN_WORK = 6_000
# Text without any of these looks the same plain: it waits for the next one, or for the end of its line.
MARKUP = re.compile(r"[\n\r*_`~\[|#>+\-]|\d[.)] |://")
# The head of a table, perhaps: until the line below it is whole it would be a paragraph of bars. The page draws it by itself.
TABLE_HEAD = re.compile(r"(?:\A|\n) {0,3}\|[^\r\n]*(?:\r?\n[ \t|:\-]*)?\Z")


class Block(msgspec.Struct, frozen=True):
    """A block of the answer. `upto` counts the UTF-16 code units of the text that blocks 0 to this one cover.

    A block that is `open` may come again under the same index. `piece` is the number of the event with which the piece of text
    begins that it belongs to.
    """

    index: int
    html: str
    upto: int
    open: bool = False
    piece: int = 0


class LiveMarkdown:
    """The blocks of one text that arrives in deltas: of an answer, or of a piece of one that follows others."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, piece: int = 0, index: int = 0, upto: int = 0) -> None:
        self._clock = clock
        self._cutter = Cutter()
        self._piece = piece
        self.index = index  # of the open block
        self._upto = upto  # where the open block begins in the whole text
        self._parts: list[str] = []  # the text from there on
        self._changed = False  # whether the text holds markup that no parse has seen
        self._next_parse = float("-inf")

    def next_piece(self, piece: int) -> "LiveMarkdown":
        """The text that follows this one, once it is finished."""
        return LiveMarkdown(self._clock, piece=piece, index=self.index, upto=self._upto)

    def feed(self, text: str) -> list[Block]:
        """Take the next piece of the text; gives the blocks that are new or changed."""
        self._parts.append(text)
        self._changed = self._changed or (LINE_END if self._cutter.fence else MARKUP).search(text) is not None
        if not self._changed or self._clock() < self._next_parse:
            return []
        began = time.thread_time()  # not the clock's: waiting for other work does not count as its cost
        blocks = self._advance()
        cost = time.thread_time() - began
        pause = PAUSE_SECONDS if blocks or self._cutter.fence else 0.0
        self._next_parse = self._clock() + max(pause, SHARE * cost)
        return blocks

    def finish(self) -> list[Block]:
        """The text is complete: the blocks that are still missing."""
        tail = "".join(self._parts)
        self._parts = []
        return self._closed(tail, self._cutter.cut(tail, ended=True).cuts)

    def _advance(self) -> list[Block]:
        tail = "".join(self._parts)
        had_fence = self._cutter.fence
        found = self._cutter.cut(tail, ended=False, work=FEED_WORK)
        blocks = self._closed(tail, found.cuts)
        rest = tail[found.cuts[-1].end :] if found.cuts else tail
        self._parts, self._changed = [rest], found.more
        fence = self._cutter.fence
        if fence:
            return blocks if fence is had_fence else [*blocks, self._open_fence(rest, fence)]
        return blocks if found.more or self._cutter.plain else blocks + self._open_block(rest)

    def _closed(self, tail: str, cuts: list[Cut]) -> list[Block]:
        blocks: list[Block] = []
        position = 0
        for cut in cuts:
            self._upto += units(tail[position : cut.end])
            position = cut.end
            if cut.html:
                blocks.append(Block(self.index, cut.html, self._upto, piece=self._piece))
                self.index += 1
        return blocks

    def _open_fence(self, tail: str, fence: Fence) -> Block:
        """The empty code box, once: the page writes the code into it as it comes."""
        html, upto = parsing.code_box("", fence.language), self._upto + units(tail[: fence.code])
        return Block(self.index, html, upto, open=True, piece=self._piece)

    def _open_block(self, tail: str) -> list[Block]:
        """The open block as it looks so far, with the line that is still being written where that line belongs to it."""
        if len(tail) > OPEN_WORK or work_of(tail) > OPEN_WORK:
            return []
        whole = tail[: complete_lines(tail)]
        head = TABLE_HEAD.search(tail)
        for text in (tail, whole, tail[: head.start()] if head else ""):
            found = list(parsing.pieces(text))
            if len(found) == 1 and _may_show(found[0], text, whole):
                return [Block(self.index, found[0].html(), self._upto + units(text), open=True, piece=self._piece)]
        return []


def _may_show(piece: parsing.Piece, text: str, whole: str) -> bool:
    """Tell whether the only block looks already as it will. Of a table only whole rows: the page's `table.js` goes on there."""
    if piece.kind == "table_open":
        return text == whole
    return piece.kind != "fence" and re.search(r"\w", text) is not None and not TABLE_HEAD.search(text)


def units(text: str) -> int:
    """The length of the text as JavaScript counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
