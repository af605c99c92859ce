"""The top-level blocks of a Markdown text, found without ever parsing more than a bounded piece of it.

What would cost too much is told by counting, and shown as it stands: a block of more than MOST_WORK, and everything after
MOST_WORK_OF_A_TEXT. Both depend on the text alone, so a text has the same blocks however it is cut while it comes.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

from chat.markdown import parsing
from chat.markdown.fences import BalancedClosing, Closing, balanced_closing
from chat.markdown.parsing import Piece

T = TypeVar("T")

# Work is counted in about microseconds: a character is 1, and these cost more.
LINE_WORK = 20
MARKS = {"[": 20, "|": 10, ":": 8, "@": 10, "!": 4, "]": 4, "(": 4, ".": 3} | dict.fromkeys("*_~`<&\\", 6)
CELL_WORK = 9  # of each row for each column of the table: rows may leave their cells out
FIRST_REACH = 4_000
MOST_WORK = 30_000
MOST_WORK_OF_A_TEXT = 600_000
MOST_CODE = 60_000  # characters of blocks with code in a text; beyond it code is not highlighted
PLAIN_SIZE = 30_000
LONG_FENCE = 20_000  # beyond it the code box is made without the parser
LONGEST_FENCE = 300_000

LINE_END = re.compile(r"\r\n?|\n")
LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")
BLANK_LINE = re.compile(r"(?:\r\n|\r(?!\n)|\n)[ \t]*(?:\r\n?|\n)")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


class Cut(NamedTuple):
    """A finished block and where it ends. One that shows nothing, such as blank lines, has no HTML."""

    html: str
    end: int


class Cuts(NamedTuple):
    """The blocks that were found, the work they took, and whether there was no time for more."""

    cuts: list[Cut]
    work: int
    more: bool


class Fence(NamedTuple):
    """The open code fence: where its code begins in the text that is left, what closes it, and its language."""

    code: int
    closing: Closing
    language: str


class _Span(NamedTuple):
    """A block, where its first line begins and ends, and where it ends itself.

    `sealed`: a code fence with its closing line, which nothing that follows can change. `holds`: one that may hold others and
    is not closed yet.
    """

    piece: Piece
    begin: int
    second_line: int
    end: int
    sealed: bool
    holds: bool


class _Window(NamedTuple):
    """Complete lines that may be parsed together; `full` if the next line would be too much."""

    end: int
    work: int
    full: bool


class Cutter:
    """Cuts one text into blocks, from its beginning to its end."""

    def __init__(self) -> None:
        self.fence: Fence | None = None
        self.plain = False  # until the next blank line
        self._flat = False  # a fence with others in it did not come to its end: from there on none holds others
        self._spent = 0
        self._reach = FIRST_REACH
        self._worked = 0
        self._code = 0

    def cut(self, text: str, *, ended: bool, work: float = float("inf")) -> Cuts:
        """The blocks that are finished in the text, which begins where the last one ended. Stops after about that work."""
        cuts: list[Cut] = []
        self._worked = at = 0
        while at < len(text):
            if self._worked >= work:
                return Cuts(cuts, self._worked, more=True)
            found = self._step(text, at, ended=ended)
            if found is None:
                break
            cuts += found
            at = found[-1].end if found else at
        return Cuts(cuts, self._worked, more=False)

    def _step(self, text: str, at: int, *, ended: bool) -> list[Cut] | None:
        """The next blocks; none if something was learnt about them; `None` if more text must come first."""
        if self.plain or self._spent >= MOST_WORK_OF_A_TEXT:
            return self._cut_plain(text, at, ended=ended)
        if self.fence:
            return self._cut_fence(text, at, self.fence, ended=ended)
        stop = len(text) if ended else complete_lines(text, at)
        window = _window(text, at, stop, self._reach)
        if window.end > at:
            return self._cut_window(text, at, window, whole=ended and window.end == len(text))
        return self._cut_too_much(at, at) if window.full else None

    def _cut_window(self, text: str, at: int, window: _Window, *, whole: bool) -> list[Cut] | None:
        self._worked += window.work
        part = text[at : window.end]
        spans = _spans(part, flat=self._flat)
        cuts: list[Cut] = []
        for span, following in _with_next(spans):
            if not (following or span.sealed or (whole and not span.holds)) or self._spent >= MOST_WORK_OF_A_TEXT:
                break
            begin = cuts[-1].end - at if cuts else 0
            cuts.append(Cut(self._html(part, span, begin), at + span.end))
        if cuts:
            self._reach = FIRST_REACH
            return cuts
        if spans and spans[0].piece.kind == "fence":
            self.fence = _open_fence(part, spans[0], flat=self._flat)
            return []
        if not spans and (whole or window.full):
            self._spent += window.work
            return [Cut("", window.end)]
        return self._wider(text, at, window)

    def _wider(self, text: str, at: int, window: _Window) -> list[Cut] | None:
        """The block goes beyond the window: look further next time, unless it is too long already."""
        if not window.full:
            return None
        if self._reach < MOST_WORK:
            self._reach = min(2 * self._reach, MOST_WORK)
            return []
        return [Cut(parsing.plain(text[at : window.end]), window.end), *self._cut_too_much(at, window.end)]

    def _cut_too_much(self, at: int, end: int) -> list[Cut]:
        self.plain = True
        self._reach = FIRST_REACH
        self._spent += MOST_WORK if end > at else 0
        return []

    def _cut_plain(self, text: str, at: int, *, ended: bool) -> list[Cut] | None:
        """The text as it stands, up to a blank line if Markdown may go on there."""
        self._worked += PLAIN_SIZE // 20
        limit = at + PLAIN_SIZE
        blank = BLANK_LINE.search(text, at, _seen(text, at, limit, ended=ended)) if self.plain else None
        if blank:
            self.plain = False
            end = blank.end()
        elif len(text) >= limit:
            end = text.rfind("\n", at, limit) + 1 or limit
        elif ended:
            end = len(text)
        else:
            return None
        return [Cut(parsing.plain(text[at:end]), end)]

    def _cut_fence(self, text: str, at: int, fence: Fence, *, ended: bool) -> list[Cut] | None:
        limit = at + LONGEST_FENCE
        closing = fence.closing.search(text, at + fence.code, _seen(text, at, limit, ended=ended))
        if closing:
            end = closing.end()
        elif isinstance(fence.closing, BalancedClosing) and (ended or len(text) >= limit):
            self._flat, self.fence, self._reach = True, None, FIRST_REACH
            return []
        elif len(text) >= limit:
            end = text.rfind("\n", at + fence.code, limit) + 1 or limit
            self.plain = True
        elif ended:
            end = len(text)
        else:
            return None
        self.fence, self._reach = None, FIRST_REACH
        part = text[at:end]
        self._worked += len(part)
        if len(part) <= LONG_FENCE:
            return [Cut("".join(self._html(part, span) for span in _spans(part, flat=self._flat)), end)]
        self._spent += len(part)
        return [Cut(_long_fence(part, fence), end)]

    def _html(self, text: str, span: _Span, begin: int = 0) -> str:
        """The block as HTML. What it costs is told by the text from `begin` to its end."""
        source = text[begin : span.end]
        is_fence = span.piece.kind == "fence"
        self._spent += len(source) if is_fence else work_of(source)
        if is_fence and len(source) > LONG_FENCE:
            return _long_fence(text[: span.end], _open_fence(text, span, flat=self._flat))
        if span.piece.has_code:
            self._code += len(source)
        return span.piece.html(highlighted=self._code <= MOST_CODE)


def work_of(text: str) -> int:
    """About what it costs to parse the text."""
    return _window(text, 0, len(text), float("inf")).work


def complete_lines(text: str, at: int = 0) -> int:
    """Find the end of the last complete line. A carriage return at the very end may still be half a line end."""
    return max(text.rfind("\n", at), text.rfind("\r", at, max(at, len(text) - 1)), at - 1) + 1


def _window(text: str, at: int, stop: int, reach: float) -> _Window:
    """As many complete lines as the reach allows, but one at least where a block may hold it."""
    work = columns = 0
    end = at
    while end < len(text):
        # A line without end is looked at no further than it can matter.
        match = LINE.match(text, end, min(len(text), end + MOST_WORK + 2)) if reach < float("inf") else LINE.match(text, end)
        line = match[0] if match else ""
        columns = max(columns, line.count("|")) if line.strip() else 0
        more = LINE_WORK + len(line) + CELL_WORK * columns + sum(line.count(mark) * each for mark, each in MARKS.items())
        if work + more > (reach if work else max(reach, MOST_WORK)):
            return _Window(end, work, full=True)
        if end + len(line) > stop:
            break
        work, end = work + more, end + len(line)
    return _Window(end, work, full=False)


def _seen(text: str, at: int, limit: int, *, ended: bool) -> int:
    """Find how far the text may be read: up to the last complete line, for what follows may change the rest."""
    if len(text) >= limit:
        return limit
    return len(text) if ended else complete_lines(text, at)


def _spans(text: str, *, flat: bool) -> list[_Span]:
    starts = [0, *(match.end() for match in LINE_END.finditer(text)), len(text)]
    pieces = list(parsing.pieces(text, flat=True) if flat else parsing.pieces(text))
    return [_span(text, starts, piece, following, flat=flat) for piece, following in _with_next(pieces)]


def _span(text: str, starts: list[int], piece: Piece, following: Piece | None, *, flat: bool) -> _Span:
    begin, second_line, end = (starts[line] for line in (piece.first_line, piece.first_line + 1, piece.end_line))
    closing = _closing(text, begin, flat=flat) if piece.kind == "fence" else None
    sealed = closing is not None and closing.search(text, second_line, end) is not None
    if not sealed:
        end = starts[following.first_line] if following else len(text)
    return _Span(piece, begin, second_line, end, sealed, isinstance(closing, BalancedClosing) and not sealed)


def _with_next(items: Sequence[T]) -> Iterator[tuple[T, T | None]]:
    return zip(items, [*items[1:], None], strict=False)  # of nothing, the end mark has no partner


def _closing(text: str, begin: int, *, flat: bool) -> Closing:
    """The line that closes the fence which begins there."""
    line = LINE.match(text, begin)
    if not flat and line and (balanced := balanced_closing(line[0])):
        return balanced
    mark = FENCE.match(text, begin)
    marks = mark[1] if mark else "```"
    return re.compile(rf"(?<=[\r\n]) {{0,3}}{marks[0]}{{{len(marks)},}}[ \t]*(?:\r\n?|\n|\Z)")


def _open_fence(text: str, span: _Span, *, flat: bool) -> Fence:
    return Fence(span.second_line, _closing(text, span.begin, flat=flat), span.piece.language)


def _long_fence(text: str, fence: Fence) -> str:
    closing = fence.closing.search(text, fence.code)
    code = text[fence.code : closing.start() if closing else len(text)]
    return parsing.code_box(LINE_END.sub("\n", code).replace("\0", "\ufffd"), fence.language)
