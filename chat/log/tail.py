"""The end of a run's log, as whoever ends the run holds it: the entries to store, and where the final event is shown."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import NamedTuple, Protocol

from chat import events
from chat.log import stream
from chat.log.claims import Claim
from chat.log.lines import Line
from chat.log.log_buffer import Entry


class Said(NamedTuple):
    """All that a run added to its answer."""

    text: str
    reasoning: str

    @property
    def size(self) -> int:
        """The bytes of both."""
        return len(self.text.encode()) + len(self.reasoning.encode())


class Sealed(NamedTuple):
    """The last entries of a run, the final event alone in the last of them, and all that the run said."""

    entries: list[Entry]
    said: Said


class Tail(Protocol):
    """Held by a runner (`chat.log.writer`) or by no one (`LooseTail`)."""

    claim: Claim

    def sealed(self, frame_of: Callable[[int], events.Frame]) -> AbstractAsyncContextManager[Sealed]:
        """Number the final event and give what is to be stored. Within the context nothing else of the run is stored."""

    async def show(self, final: Entry) -> None:
        """Show the final event to those who follow the run, once its row is committed."""


class LooseTail:
    """The end of a run that no runner holds: what reached the stream and no row, after the lines that are stored."""

    def __init__(self, claim: Claim, stored: list[Line], unstored: list[Line]) -> None:
        self.claim = claim
        self._unstored = unstored
        lines = [*stored, *unstored]
        self._last = lines[-1].seq
        self.said = said_in(lines)

    @asynccontextmanager
    async def sealed(self, frame_of: Callable[[int], events.Frame]) -> AsyncIterator[Sealed]:
        """As `Tail` says."""
        number = self._last + 1
        final = Entry(number, number, events.encode(frame_of(number)))
        yield Sealed([*(Entry(line.seq, line.seq, line.frame) for line in self._unstored), final], self.said)

    async def show(self, final: Entry) -> None:
        """As `Tail` says."""
        await stream.add(self.claim.run_id, final)


def said_in(lines: list[Line]) -> Said:
    """The text and reasoning of a run's frames."""
    text: list[str] = []
    reasoning: list[str] = []
    for line in lines:
        match events.decode(line.frame):
            case events.ChunkFrame(chunk=events.Chunk(type="text", data=data)):
                text.append(data)
            case events.ChunkFrame(chunk=events.Chunk(type="reasoning", data=data)):
                reasoning.append(data)
            case events.EventFrame(event=event) if events.is_rethought(event):
                reasoning += text
                text.clear()
    return Said("".join(text), "".join(reasoning))
