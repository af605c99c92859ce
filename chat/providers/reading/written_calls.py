"""Takes calls of tools out of an answer in which a model wrote them, and that comes in pieces. Pure.

A call is an object in a tag, or, where an answer begins with it, an object of exactly `tool` and `arguments` of a known tool.
What only looks like one is let go as text as soon as that is certain. What code shows is text: a fence is one around calls only
if nothing else is in it and no words follow, and it ends with as many signs as it began with.
"""

import re
from typing import Protocol

from chat.providers.reading import tags
from chat.providers.reading.call_blocks import Block
from chat.providers.reading.extents import OPENING
from chat.providers.reading.written_call import Known, WrittenCall

MOST_CALLS = 32
MOST_REPEATS = 2
FENCE = 3  # backticks, or tildes
AT_ONCE = 500  # characters of a piece: what is held is copied often, and some servers send a long answer in one piece
MOST_BLANKS = 1_000  # characters before the first word
_SIGN = re.compile(r"`{1,100}|~{1,100}|<(?=[|/tTfF]|\Z)")
_FENCE = re.compile(r"`{3,100}[^\S\n]{0,9}[\w+-]{0,40}\s{0,500}")


class Listener(Protocol):
    """Receiver of the parts."""

    def let(self, text: str) -> None:
        """A part of the text that belongs to no call."""

    def call(self, made: WrittenCall) -> None:
        """A call."""


class WrittenCalls:
    """Reads one answer. `is_over`: the model goes on with results that it made up, or with the same calls; read no more."""

    def __init__(self, listener: Listener, known: Known) -> None:
        self.is_over = False
        self._listener, self._known = listener, known
        self._held = ""
        self._begins = True  # nothing was said yet, or nothing since a call
        self._fence = ""  # the signs that began the one that is open
        self._in_code = False
        self._is_blank_line = True  # so far: a fence of tildes stands at the beginning of one
        self._block: Block | None = None
        self._opened = 0  # where it begins to hold something
        self._doubtful: list[tuple[str, tuple[WrittenCall, ...]]] = []  # in fences: text, if words follow
        self._made: set[tuple[str, str]] = set()
        self._repeats = 0

    def take(self, piece: str) -> None:
        """The next piece of the text."""
        for start in range(0, 0 if self.is_over else len(piece), AT_ONCE):
            self._held += piece[start : start + AT_ONCE]
            self._read(is_all=False)

    def end(self) -> None:
        """The text is over."""
        self._read(is_all=True)
        for _, calls in self._doubtful:
            self._call(calls)
        self._doubtful.clear()

    @property
    def held(self) -> str:
        """The text of which is not known yet what it is."""
        return "".join(text for text, _ in self._doubtful) + self._held

    def _read(self, *, is_all: bool) -> None:
        while self._held and not self.is_over and self._step(is_all=is_all):
            pass

    def _step(self, *, is_all: bool) -> bool:
        """Go on; False while more must come first."""
        if self._block:
            return self._in_block(self._block, is_all=is_all)
        if self._fence:
            return self._fenced(self._fence, is_all=is_all)
        return self._plain(is_all=is_all)

    def _plain(self, *, is_all: bool) -> bool:
        """Text, up to the next sign of something else."""
        start = len(self._held) - len(self._held.lstrip()) if self._begins else 0
        if start == len(self._held):
            self._held = "" if is_all else self._held
            return start > MOST_BLANKS and self._let(MOST_BLANKS)
        if start > MOST_BLANKS:
            return self._let(MOST_BLANKS)
        if self._begins and self._held[start] in OPENING:
            return self._enter(start, is_list=self._held[start] == "[")
        sign = _SIGN.search(self._held, start)
        if sign and sign.start() == start:
            return self._tag(start, is_all=is_all) if sign[0] == "<" else self._marks(sign, is_all=is_all)
        return self._let(sign.start() if sign else len(self._held))

    def _marks(self, sign: re.Match[str], *, is_all: bool) -> bool:
        """Backticks or tildes: a fence, or the border of code within a line."""
        if sign.end() == len(self._held) and not is_all:
            return False
        if len(sign[0]) < FENCE:
            self._in_code ^= sign[0][0] == "`"
            return self._let(sign.end())
        if sign[0][0] == "`":
            return self._ticks(sign, is_all=is_all)
        self._fence = sign[0] if self._is_blank_line else ""
        return self._let(sign.end())

    def _tag(self, place: int, *, is_all: bool) -> bool:
        """A sign that may begin a tag."""
        if not is_all and tags.begins(self._held, place):
            return False
        if self._in_code:
            return self._let(place + 1)
        if length := tags.at(self._held, place, tags.OPENERS):
            return self._enter(place + length, is_tagged=True)
        if self._made or self._doubtful:
            if tags.at(self._held, place, tags.RESULTS):
                self.is_over = True
                return False
            if self._begins and (length := tags.at(self._held, place, tags.CLOSERS)):
                self._held = self._held[place + length :]
                return True
        return self._let(place + 1)

    def _ticks(self, sign: re.Match[str], *, is_all: bool) -> bool:
        """A fence of backticks: around calls, or around code."""
        opening = _FENCE.match(self._held, sign.start())
        inner = opening.end() if opening else sign.start()
        if not is_all and (inner == len(self._held) or tags.begins(self._held, inner)):
            return False
        self._fence = sign[0]
        if length := tags.at(self._held, inner, tags.OPENERS):
            return self._enter(inner + length, is_tagged=True, is_fenced=True)
        if self._begins and self._held[inner : inner + 1] in tuple(OPENING):
            return self._enter(inner, is_fenced=True)
        return self._let(inner)

    def _fenced(self, fence: str, *, is_all: bool) -> bool:
        """Code, up to the end of its fence, which is as long as its beginning, or longer."""
        closing = re.compile(f"{fence}{fence[0]}{{0,100}}").search(self._held)
        if closing and (closing.end() < len(self._held) or is_all):
            self._fence = ""
            return self._let(closing.end())
        held = 0 if is_all else len(self._held) - len(self._held.rstrip(fence[0]))
        return self._let(len(self._held) - held) if held < len(self._held) else False

    def _enter(self, place: int, *, is_tagged: bool = False, is_list: bool = False, is_fenced: bool = False) -> bool:
        self._block = Block(place, self._known, is_tagged=is_tagged, is_list=is_list, is_fenced=is_fenced)
        self._opened = place if is_tagged or is_fenced else place + 1
        return True

    def _in_block(self, block: Block, *, is_all: bool) -> bool:
        verdict = block.read(self._held, is_all=is_all)
        if verdict is None:
            return False
        self._block = None
        if not verdict.calls:  # a fence around it stays open
            return self._let(self._opened)
        self._fence = ""
        if block.is_fenced:
            self._doubtful.append((self._held[: verdict.end], verdict.calls))
        else:
            self._settle()
            self._call(verdict.calls)
        self._held, self._begins, self._is_blank_line = self._held[verdict.end :], True, True
        return True

    def _let(self, end: int) -> bool:
        """Let text go."""
        text, self._held = "".join(one for one, _ in self._doubtful) + self._held[:end], self._held[end:]
        self._doubtful.clear()
        self._begins = False
        line = text.rpartition("\n")
        self._in_code = self._in_code and not line[1]
        self._is_blank_line = (bool(line[1]) or self._is_blank_line) and not line[2].strip()
        self._listener.let(text)
        return True

    def _settle(self) -> None:
        """A call follows those in fences: they are calls."""
        for _, calls in self._doubtful:
            self._call(calls)
        self._doubtful.clear()

    def _call(self, calls: tuple[WrittenCall, ...]) -> None:
        for made in calls:
            if made[:2] in self._made:
                self._repeats += 1
            elif len(self._made) < MOST_CALLS:
                self._made.add(made[:2])
                self._listener.call(made)
        self.is_over = self._repeats > MOST_REPEATS or len(self._made) >= MOST_CALLS
