"""The end of a run's log, as whoever ends or pauses the run holds it: the entries to store, and where the last is shown."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import NamedTuple, Protocol

from chat import events
from chat.log import stream
from chat.log.claims import Claim
from chat.log.lines import Line
from chat.log.log_buffer import Entry, packed
from chat.log.said import Said
from chat.parts import AnyPart

FramesOf = Callable[[int], list[events.Frame]]


class Sealed(NamedTuple):
    """The last entries of a run, the final events alone in the last of them, and the parts of the step that ends here."""

    entries: list[Entry]
    parts: list[AnyPart]


class Tail(Protocol):
    """Held by a runner (`chat.log.writer`) or by no one (`LooseTail`)."""

    claim: Claim

    def sealed(self, frames_of: FramesOf) -> AbstractAsyncContextManager[Sealed]:
        """Number the final events and give what is to be stored. Within the context nothing else of the run is stored."""

    async def show(self, final: Entry) -> None:
        """Show the final events to those who follow the run, once their row is committed."""


class LooseTail:
    """The end of a run that no runner holds: what reached the stream and no row, after the lines that are stored.

    `after` is the last event of the run's finished steps, whose parts are stored.
    """

    def __init__(self, claim: Claim, stored: list[Line], unstored: list[Line], *, after: int = 0) -> None:
        self.claim = claim
        self._unstored = unstored
        lines = [*stored, *unstored]
        self._last = lines[-1].seq
        self.said = said_in([line for line in lines if line.seq > after])

    @asynccontextmanager
    async def sealed(self, frames_of: FramesOf) -> AsyncIterator[Sealed]:
        """As `Tail` says."""
        number = self._last + 1
        final = packed(number, frames_of(number))
        yield Sealed([*(Entry(line.seq, line.seq, line.frame) for line in self._unstored), final], self.said.parts())

    async def show(self, final: Entry) -> None:
        """As `Tail` says."""
        await stream.add(self.claim.run_id, final)


def said_in(lines: list[Line]) -> Said:
    """The text and reasoning of a run's frames."""
    said = Said()
    for line in lines:
        match events.decode(line.frame):
            case events.ChunkFrame(chunk=events.Chunk(type="text" | "reasoning" as kind, data=data)):
                said.add(kind, data)
            case events.EventFrame(event=event) if events.is_rethought(event):
                said.rethink()
    return said
