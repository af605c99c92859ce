"""A place in a model's text that may be a call: from its first sign until it is certain what it is. Pure.

The object may stand in a tag, in a code fence, in both or in none; the closing tag, and brackets at its end, may be missing.
"""

import re
from typing import NamedTuple

from chat.providers.reading import tags, written_call
from chat.providers.reading.extents import Extent
from chat.providers.reading.written_call import Known, WrittenCall

LONGEST = 80_000  # characters of one object
LONGEST_WORDS = 500  # of a block that holds no object
# Bounded, as are all here: a model that goes on with them for ever is let go.
_BETWEEN = re.compile(r"[\s,;\])}]{0,500}")
_BEFORE = re.compile(r"[\s\[(]{0,500}")
_FENCE = re.compile(r"`{3,}[\w+-]{0,40}")


class Verdict(NamedTuple):
    """The end of the place, and the calls in it; none where it is text after all."""

    end: int
    calls: tuple[WrittenCall, ...] = ()


NO_CALL = Verdict(0)


class Block:
    """One such place. `start` is where its tag ends, or where its object or list begins; the text up to there stays."""

    def __init__(
        self, start: int, known: Known, *, is_tagged: bool = False, is_list: bool = False, is_fenced: bool = False
    ) -> None:
        self.is_fenced = is_fenced
        self._may_be_several = is_tagged or is_list or is_fenced
        self._at, self._known, self._is_tagged = start, known, is_tagged
        self._fences = int(is_fenced)
        self._calls: list[WrittenCall] = []
        self._begun = -1  # where the object begins whose end is looked for
        self._extent = Extent(0)

    def read(self, text: str, *, is_all: bool) -> Verdict | None:
        """The verdict; None while it depends on what comes."""
        while True:
            verdict = self._object(text, is_all=is_all) if self._begun >= 0 else self._next(text, is_all=is_all)
            if not isinstance(verdict, bool):
                return verdict
            if not verdict:
                return None

    def _next(self, text: str, *, is_all: bool) -> Verdict | bool:
        """Go to the next object, or to the end. False while that cannot be told."""
        place = self._skipped(text)
        if length := tags.at(text, place, tags.CLOSERS):
            return self._closed(text, place, place + length)
        if place == len(text) or tags.begins(text, place) or _is_half_a_fence(text, place):
            return self._last(text) if is_all else False
        if text[place] == "{" and (self._may_be_several or not self._calls):
            self._begun, self._extent = place, Extent(place)
            return True
        if fence := _FENCE.match(text, place):
            return self._fence(text, fence.end(), is_all=is_all)
        if self.is_fenced and self._calls and (length := tags.at(text, place, tags.OPENERS)):
            self._at = place + length
            return True
        return self._over(place) if self._calls else self._words(text, place, is_all=is_all)

    def _skipped(self, text: str) -> int:
        between = (_BETWEEN if self._calls else _BEFORE).match(text, self._at)
        return between.end() if between else self._at

    def _fence(self, text: str, end: int, *, is_all: bool) -> Verdict | bool:
        """A fence within a tag, or the end of one, or of the one around all."""
        if end == len(text) and not is_all:
            return False
        if self._calls and not self._fences:
            return self._over(self._at)  # it belongs to what follows
        self._fences += -1 if self._calls else 1
        self._at = end
        return self._over(end) if self.is_fenced and not self._fences else True

    def _closed(self, text: str, place: int, end: int) -> Verdict | bool:
        """A closing tag. A fence that was open around it may still end."""
        if not self._calls:
            self._calls.append(written_call.unreadable(text[self._at : place].strip(), self._known))
        if not self._fences:
            return self._over(end)
        self._at = end
        return True

    def _object(self, text: str, *, is_all: bool) -> Verdict | bool:
        """Read the object that is open, as far as it has come."""
        if not self._is_tagged and not written_call.may_be_bare(
            text[self._begun : self._begun + written_call.HEAD], self._known
        ):
            return NO_CALL
        end = self._extent.end(text, is_all=is_all)
        if (len(text) if end is None else end) - self._begun > LONGEST:
            return NO_CALL
        if not is_all and (end is None or (end < len(text) and tags.begins(text, end))):
            return False
        end = end or self._cut(text)
        call = self._call(text[self._begun : end], is_whole=bool(tags.at(text, end, tags.CLOSERS)))
        if call is None:
            return NO_CALL
        self._calls.append(call)
        self._at, self._begun = end, -1
        return True

    def _cut(self, text: str) -> int:
        """The end of an object without one: before a closing tag, if one is in it."""
        place = tags.find(text, self._begun, LONGEST)
        return place if place >= 0 else len(text)

    def _call(self, text: str, *, is_whole: bool) -> WrittenCall | None:
        if self._is_tagged:
            return written_call.of_tagged(text, self._known, is_whole=is_whole)
        return written_call.of_bare(text, self._known)

    def _words(self, text: str, place: int, *, is_all: bool) -> Verdict | bool:
        """A tag with words in it: a call, if it is closed soon."""
        if not self._is_tagged:
            return NO_CALL
        closing = tags.find(text, place, LONGEST_WORDS)
        if closing < 0:
            return NO_CALL if is_all or len(text) - place >= LONGEST_WORDS else False
        self._calls.append(written_call.unreadable(text[place:closing].strip(), self._known))
        self._at = closing
        return True

    def _last(self, text: str) -> Verdict:
        """The verdict at the end of the text."""
        return Verdict(len(text), self._fit()) if self._calls else NO_CALL

    def _over(self, end: int) -> Verdict:
        return Verdict(end, self._fit())

    def _fit(self) -> tuple[WrittenCall, ...]:
        """The calls. In a fence they are of known tools, or else the fence shows something."""
        if self.is_fenced and not all(self._known(call.name) for call in self._calls):
            return ()
        return tuple(self._calls)


def _is_half_a_fence(text: str, place: int) -> bool:
    return text[place:] in {"`", "``"}
