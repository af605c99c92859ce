"""The words of one step of an answer, in the order they came: what the step's parts are made of."""

from itertools import pairwise
from time import monotonic
from typing import Any, Literal

from chat.parts import AnyPart, Origin, Reasoning, Text

Kind = Literal["text", "reasoning"]
# A model that changed its mind at every word would make a segment of each. Beyond these, words go to the last of their kind.
MOST_SEGMENTS = 1_000


class Segment:
    """Words of one kind without others between them, and what the provider said of them."""

    __slots__ = ("began", "data", "kind", "redacted", "words")

    def __init__(self, kind: Kind, *, redacted: bool = False) -> None:
        self.kind: Kind = kind
        self.began = monotonic()
        # Not a StringIO, which until Python 3.12 keeps each piece as an object: of short tokens twenty times their size.
        self.words = bytearray()
        self.data: dict[str, Any] | None = None
        self.redacted = redacted

    def part(self, step: int, origin: Origin | None, ended: float) -> AnyPart:
        """The segment, which ended then, as a part; its origin is told where a provider wants something back."""
        made_by = origin if self.data else None
        if self.kind == "text":
            return Text(self.words.decode(), step=step, origin=made_by, data=self.data)
        seconds = round(ended - self.began)
        return Reasoning(self.words.decode(), self.redacted, seconds, step=step, origin=made_by, data=self.data)


class Said:
    """Text and thoughts of one step. Grows with each delta."""

    def __init__(self) -> None:
        self._segments: list[Segment] = []
        self._last: Segment | None = None

    def add(self, kind: Kind, words: str) -> None:
        """Add a delta."""
        last = self._last
        if last is None or last.kind != kind or last.data is not None:
            last = self._begin(kind)
        last.words += words.encode()

    def keep(self, data: dict[str, Any], *, redacted: bool = False) -> None:
        """Keep what the provider wants back, with the thoughts that came last."""
        thoughts = [] if redacted else [one for one in self._segments if one.kind == "reasoning" and one.data is None]
        segment = thoughts[-1] if thoughts else self._added(Segment("reasoning", redacted=redacted))
        segment.data = data

    def rethink(self) -> None:
        """Make thoughts of all text so far."""
        for segment in self._segments:
            segment.kind = "reasoning"

    def all(self, kind: Kind) -> str:
        """All words of a kind."""
        return b"".join(one.words for one in self._segments if one.kind == kind).decode()

    def tail(self, kind: Kind, most: int) -> bytes:
        """The last bytes of a kind."""
        found = b""
        for segment in reversed(self._segments):
            if segment.kind == kind:
                found = bytes(segment.words[-(most - len(found)) :]) + found
            if len(found) >= most:
                break
        return found

    def has(self, kind: Kind) -> bool:
        """Tell whether there are any words of this kind."""
        return any(one.kind == kind and one.words for one in self._segments)

    @property
    def size(self) -> int:
        """The bytes of all words."""
        return sum(len(one.words) for one in self._segments)

    def parts(self, step: int = 1, origin: Origin | None = None) -> list[AnyPart]:
        """The parts that these words are."""
        ends = [*(later.began for _, later in pairwise(self._segments)), monotonic()]
        spans = zip(self._segments, ends, strict=False)  # none of either where nothing was said
        return [one.part(step, origin, ended) for one, ended in spans if one.words or one.data]

    def _begin(self, kind: Kind) -> Segment:
        if len(self._segments) >= MOST_SEGMENTS:
            for segment in reversed(self._segments):
                if segment.kind == kind and segment.data is None:
                    return segment
        return self._added(Segment(kind))

    def _added(self, segment: Segment) -> Segment:
        self._segments.append(segment)
        self._last = segment
        return segment
