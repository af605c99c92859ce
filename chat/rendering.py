"""An answer's Markdown as HTML while it still streams: finished blocks once and for good, the open one now and then.

A top-level block is finished when a following one has begun on a complete line; a code fence, when its closing line came.
Only the open end of the text is ever parsed, and no oftener than every 300 ms, so the cost does not grow with the answer.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from chat import markdown
from chat.markdown import Piece

T = TypeVar("T")

PAUSE_SECONDS = 0.3
# Parsing takes at most a tenth of the time, however long the open block is.
SHARE = 10.0
# Text without any of these looks the same plain: it waits for the next one, or for the end of its line.
MARKUP = re.compile(r"[\n\r*_`~\[|#>+\-]|\d[.)] |://")
LINE_END = re.compile(r"\r\n?|\n")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


class Block(msgspec.Struct, frozen=True):
    """A block of the answer. `upto` counts the UTF-16 code units of the text that blocks 0 to this one cover.

    A block that is `open` may come again under the same index.
    """

    index: int
    html: str
    upto: int
    open: bool = False


class _Span(NamedTuple):
    """A block, where its first line begins and ends, and where it ends itself.

    `sealed`: a code fence with its closing line, which nothing that follows can change.
    """

    piece: Piece
    begin: int
    second_line: int
    end: int
    sealed: bool


class _Fence(NamedTuple):
    """The open code fence: where its code begins, and the line that closes it."""

    code: int
    closing: re.Pattern[str]


class LiveMarkdown:
    """The blocks of one text that arrives in pieces."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._index = 0  # of the open block
        self._upto = 0  # where the open block begins in the whole text
        self._parts: list[str] = []  # the text from there on
        self._fence: _Fence | None = None
        self._changed = False  # whether the text holds markup that no parse has seen
        self._next_parse = float("-inf")

    def feed(self, text: str) -> list[Block]:
        """Take the next piece of the text; gives the blocks that are new or changed."""
        self._parts.append(text)
        self._changed = self._changed or (LINE_END if self._fence else MARKUP).search(text) is not None
        if not self._changed or self._clock() < self._next_parse:
            return []
        began = time.thread_time()  # not the clock's: waiting for other work is no cost of this one
        blocks = self._advance()
        cost = time.thread_time() - began
        pause = PAUSE_SECONDS if blocks or self._fence else 0.0
        self._next_parse = self._clock() + max(pause, SHARE * cost)
        return blocks

    def finish(self) -> list[Block]:
        """The text is complete: the blocks that are still missing."""
        return self._close("".join(self._parts), ended=True)[0]

    def _advance(self) -> list[Block]:
        tail = "".join(self._parts)
        had_fence = self._fence
        blocks, rest, fence = self._close(tail, ended=False)
        self._parts, self._fence, self._changed = [rest], fence, False
        if fence is None:
            return blocks + self._open_block(rest)
        return blocks if fence is had_fence else [*blocks, self._open_fence(rest, fence)]

    def _close(self, tail: str, *, ended: bool) -> tuple[list[Block], str, _Fence | None]:
        """Close what is finished; gives those blocks, the text that is left, and the code fence that it opens with."""
        blocks: list[Block] = []
        sure = len(tail) if ended else _complete_lines(tail)
        if self._fence and not ended:
            closing = self._fence.closing.search(tail, self._fence.code, sure)
            if closing is None:
                return [], tail, self._fence
        position = 0
        for span, following in _with_next(_spans(tail[:sure])):
            if not (following or span.sealed or ended):
                return blocks, tail[position:], _open_fence_of(span, tail, position)
            self._upto += units(tail[position : span.end])
            blocks.append(Block(self._index, span.piece.html(), self._upto))
            self._index += 1
            position = span.end
        return blocks, tail[position:], None

    def _open_fence(self, tail: str, fence: _Fence) -> Block:
        """The empty code box, once: the page writes the code into it as it comes."""
        language = next(markdown.pieces(tail[: fence.code])).language
        return Block(self._index, markdown.code_box("", language), self._upto + units(tail[: fence.code]), open=True)

    def _open_block(self, tail: str) -> list[Block]:
        """The open block as it looks so far, with the line that is still being written where that line belongs to it."""
        for text in (tail, tail[: _complete_lines(tail)]):
            found = list(markdown.pieces(text))
            if len(found) == 1 and found[0].kind != "fence" and re.search(r"\w", text):
                return [Block(self._index, found[0].html(), self._upto + units(text), open=True)]
        return []


def units(text: str) -> int:
    """The length of the text as JavaScript counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _complete_lines(text: str) -> int:
    """Where the last complete line ends. A carriage return at the very end may still be half a line end."""
    return max(text.rfind("\n"), text.rfind("\r", 0, max(0, len(text) - 1))) + 1


def _spans(text: str) -> list[_Span]:
    starts = [0, *(match.end() for match in LINE_END.finditer(text)), len(text)]
    return [_span(text, starts, piece, following) for piece, following in _with_next(list(markdown.pieces(text)))]


def _span(text: str, starts: list[int], piece: Piece, following: Piece | None) -> _Span:
    begin, second_line, end = (starts[line] for line in (piece.first_line, piece.first_line + 1, piece.end_line))
    sealed = piece.kind == "fence" and _closing(text[begin:]).search(text, second_line, end) is not None
    if not sealed:
        end = starts[following.first_line] if following else len(text)
    return _Span(piece, begin, second_line, end, sealed)


def _with_next(items: Sequence[T]) -> Iterator[tuple[T, T | None]]:
    return zip(items, [*items[1:], None], strict=False)  # of nothing, the end mark has no partner


def _closing(source: str) -> re.Pattern[str]:
    """The line that closes the fence which the source begins with."""
    mark = FENCE.match(source)
    marks = mark[1] if mark else "```"
    return re.compile(rf"(?<=[\r\n]) {{0,3}}{marks[0]}{{{len(marks)},}}[ \t]*(?:\r\n?|\n|\Z)")


def _open_fence_of(span: _Span, tail: str, position: int) -> _Fence | None:
    if span.piece.kind != "fence":
        return None
    return _Fence(span.second_line - position, _closing(tail[span.begin :]))
