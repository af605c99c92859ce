"""The pieces of an answer, in their order, and the rules by which it falls into pieces. Pure.

Words of one kind are one piece until something else comes between. The calls of one step are one piece, which their results
change. A component that comes again takes the place of its former self.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "reasoning"]
ENDED = frozenset({"succeeded", "failed", "denied", "expired", "cancelled", "unknown"})


@dataclass
class Words:
    """Text or thoughts. `number` is that of the event with which a piece begins; 0 for what is stored."""

    kind: Kind
    number: int = 0
    said: list[str] = field(default_factory=list)
    seconds: int = field(default=0, compare=False)  # that thoughts took, where it is known

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.said)


@dataclass
class Call:
    """A call of a tool, and what came of it so far. `since` is when it began, in milliseconds since 1970."""

    call: str
    name: str
    title: str = ""
    arguments: str = "{}"
    repaired: tuple[str, ...] = ()
    state: str = "running"
    text: str = ""
    seconds: float | None = None
    progress: float | None = None
    note: str = ""
    since: int | None = None

    @property
    def has_ended(self) -> bool:
        """Tell whether nothing more is to come of it."""
        return self.state in ENDED


@dataclass
class Calls:
    """The calls of one step."""

    calls: list[Call]
    number: int = 0


@dataclass
class Component:
    """A component that a tool shows."""

    component: str
    block: dict[str, Any]
    number: int = 0


@dataclass
class Artifact:
    """A version of something that the answer made."""

    artifact: str
    version: int = 1
    name: str = ""
    number: int = 0


@dataclass
class Attachment:
    """An image or a file by the hash of its bytes."""

    name: str
    media_type: str
    number: int = 0


@dataclass
class Sources:
    """Sources that the answer rests on: the title of each, and its address."""

    sources: list[tuple[str, str]]
    number: int = 0


Piece = Words | Calls | Component | Artifact | Attachment | Sources


class Pieces:
    """An answer that is put together. With `keeps_words=False` its words are not kept, only where they stand."""

    def __init__(self, *, keeps_words: bool = True) -> None:
        self.all: list[Piece] = []
        self._keeps_words = keeps_words
        self._open: Words | None = None
        self._calls: dict[str, Call] = {}
        self._groups: dict[str, Calls] = {}
        self._components: dict[str, Component] = {}
        self._step = 0  # where the pieces of the present step begin

    def say(self, kind: Kind, words: str, number: int = 0, seconds: int = 0) -> Words:
        """Add words, which took so many seconds."""
        if self._open is None or self._open.kind != kind:
            self._open = Words(kind, number)
            self.all.append(self._open)
        if self._keeps_words:
            self._open.said.append(words)
        self._open.seconds += seconds
        return self._open

    @property
    def open_text(self) -> Words | None:
        """The piece of text that the next text goes on with."""
        return self._open if self._open and self._open.kind == "text" else None

    def begin_step(self) -> None:
        """The words that come are those of a new request to a model."""
        self._step = len(self.all)
        self._open = None

    def rethink(self) -> None:
        """All text of the present step were thoughts."""
        step = self.all[self._step :]
        said = [piece for piece in step if isinstance(piece, Words)]
        if said:
            self._open = Words("reasoning", said[0].number, [word for piece in said for word in piece.said])
            self.all[self._step :] = [self._open, *(piece for piece in step if not isinstance(piece, Words))]

    def add(self, piece: Piece) -> Piece:
        """Add another piece, or renew the one that it is a new form of; gives the piece that is shown."""
        self._open = None
        if isinstance(piece, Calls):
            for call in piece.calls:
                self.place(call, piece)
        former = self._components.get(piece.component) if isinstance(piece, Component) else None
        if isinstance(piece, Component):
            self._components[piece.component] = piece
        if former is None:
            self.all.append(piece)
        else:
            piece.number = former.number
            self.all[self.all.index(former)] = piece
        return piece

    def place(self, call: Call, group: Calls) -> None:
        """Know the call as one of the group."""
        self._calls[call.call] = call
        self._groups[call.call] = group

    def call(self, call_id: str) -> Call | None:
        """A call by its id."""
        return self._calls.get(call_id)

    def group(self, call_id: str) -> Calls | None:
        """The calls among which this one is."""
        return self._groups.get(call_id)

    def end(self) -> list[Calls]:
        """The answer has ended; of calls without a result no more is known. Gives the groups that this changes."""
        open_ones = [call for call in self._calls.values() if not call.has_ended]
        for call in open_ones:
            call.state = "unknown"
        return list({id(group): group for group in (self._groups[call.call] for call in open_ones)}.values())
