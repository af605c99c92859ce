"""Events of one run that are not stored yet: the runner's end of the log."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from accounts.storage import texts
from chat import events
from chat.log.said import Kind, Said
from chat.log.timing import Timing
from chat.parts import MOST_DATA, AnyPart, Origin

MOST_BEHIND = 1_000_000
LONGEST_ANSWER = 4_000_000
# What one run gives the stream in one round trip, which all runs share: a flood packed at once would hold up the others.
PORTION = 64_000
# Characters a second, more than any model says: one that floods must not take the processor from everyone else's answers.
FASTEST = 500_000
AT_ONCE = 32_000 / FASTEST  # s


Pending = tuple[Kind, list[str]] | events.ProcessEvent | events.Chunk


class Entry(NamedTuple):
    """Numbered frames that are stored together, one a line."""

    first: int
    last: int
    packed: bytes


def joined(entries: list[Entry]) -> Entry:
    """Consecutive entries as one."""
    return Entry(entries[0].first, entries[-1].last, b"\n".join(entry.packed for entry in entries))


def packed(first: int, frames: list[events.Frame]) -> Entry:
    """Frames that are numbered from `first` on as one entry."""
    return Entry(first, first + len(frames) - 1, b"\n".join(map(events.encode, frames)))


class AnswerTooLong(Exception):
    """The answer passed the size that Galaxy keeps of one (4 MB)."""


def _nobody() -> None:
    """Do nothing: the callback until one is set."""


class RunLog:
    """Collects a run's events and numbers them when the writer comes for them.

    Deltas that pile up before the writer is free become one frame: an idle system sends each at once, a busy one fewer and
    larger ones. `on_lost` is called when the run was taken over and nothing more of it may be written.
    """

    def __init__(
        self, run_id: UUID, *, key: bytes, fence: int, next_seq: int, on_change: Callable[["RunLog", bool], None]
    ) -> None:
        self.run_id = run_id
        self.key = key
        self.fence = fence
        self.to_stream: list[Entry] = []
        self.to_rows: list[Entry] = []
        self.unstored = 0  # bytes in `to_rows`
        self.lost = False
        self.usage = events.Usage()
        self.step = 1
        self.timing = Timing()
        self.on_lost: Callable[[], object] = _nobody
        self.spoke_at = self.said_at = self._paid_until = time.monotonic()
        self._said = Said()
        self._before = 0  # bytes of the steps before
        self._pieces = {"text": texts.Pieces(), "reasoning": texts.Pieces()}
        self._next = next_seq
        self._pending: list[Pending] = []
        self._on_change = on_change
        self._length = 0
        self._behind = 0
        # Made when a caller must wait: an event is 800 bytes that each run would hold.
        self._room: asyncio.Event | None = None
        self._drained: asyncio.Event | None = None
        self._over = False
        self.is_at_tools = False
        self.at_tools_for = 0.0  # seconds

    def say(self, kind: Kind, data: str) -> None:
        """Add a delta of text or reasoning. Raises AnswerTooLong."""
        data = self._pieces[kind].cleaned(data)
        if not data:
            return
        self._length += len(data)
        if self._length > LONGEST_ANSWER:
            raise AnswerTooLong
        self._said.add(kind, data)
        last = self._pending[-1] if self._pending else None
        if isinstance(last, tuple) and last[0] == kind:
            last[1].append(data)
        else:
            self._pending.append((kind, [data]))
        self.spoke_at = self.said_at = time.monotonic()
        self.timing.speaks(self.said_at)
        self._paid_until = max(self._paid_until, self.spoke_at - AT_ONCE) + len(data) / FASTEST
        self._on_change(self, False)

    def said(self, kind: Kind) -> str:
        """All deltas of text or reasoning in the present step."""
        return self._said.all(kind)

    def keep(self, data: dict[str, Any], *, redacted: bool = False) -> None:
        """Keep what the provider wants back, if it can be stored unchanged, with the last thoughts. It goes to no client."""
        if texts.is_clean_json(data) and len(msgspec.json.encode(data)) <= MOST_DATA:
            self._said.keep(data, redacted=redacted)

    def parts(self, step: int = 1, origin: Origin | None = None) -> list[AnyPart]:
        """The present step's words as parts."""
        return self._said.parts(step, origin)

    def begin_step(self) -> None:
        """The next words are those of a new step: the parts of the last one are stored."""
        self._before += self._said.size
        self._said = Said()
        self.step += 1

    def rethink(self) -> None:
        """Keep all text of this step as thoughts, and tell the followers."""
        self._said.rethink()
        self.tell(events.rethought(self.step))

    def ask(self) -> None:
        """Note that a model is asked now."""
        self.timing = Timing()

    def calls(self) -> None:
        """Note that the model calls tools."""
        self.timing.speaks(time.monotonic())

    def counted(self, usage: events.Usage) -> None:
        """Take the provider's count of what the answer takes."""
        self.usage = usage

    @contextmanager
    def at_tools(self) -> Iterator[None]:
        """Do not count the time within as the model's silence: its tools run."""
        self.is_at_tools = True
        began = time.monotonic()
        try:
            yield
        finally:
            self.is_at_tools = False
            self.said_at = time.monotonic()
            self.at_tools_for += self.said_at - began

    @property
    def is_held(self) -> bool:
        """Tell whether the provider is not read just now, because the stream does not take what it says."""
        return self._room is not None

    def tail(self, kind: Kind, most: int) -> bytes:
        """The last bytes of text or reasoning."""
        return self._said.tail(kind, most)

    @property
    def size(self) -> int:
        """The bytes said so far, text and reasoning together."""
        return self._before + self._said.size

    @property
    def step_size(self) -> int:
        """The bytes said in the present step."""
        return self._said.size

    def has_said(self, kind: Kind) -> bool:
        """Tell whether there was any in the present step."""
        return self._said.has(kind)

    @property
    def last(self) -> int:
        """The number of the last event that was numbered."""
        return self._next - 1

    def lose(self) -> None:
        """The run was taken over."""
        self.lost = True
        self.on_lost()

    def close(self) -> None:
        """Nothing more is written. Who is told of a loss refers to this log: the two would keep each other in memory."""
        self.on_lost = _nobody

    def tell(self, event: events.ProcessEvent) -> None:
        """Add a process event; it is stored at once. Nothing follows the final frame, however long that takes to store.

        Nor does a run that was taken over say anything more: the number would be the next runner's.
        """
        if self._over or self.lost:
            return
        self._pending.append(event)
        self.spoke_at = time.monotonic()
        self._on_change(self, True)

    def show(self, component: dict[str, Any]) -> None:
        """Add a component that a tool shows; it is stored at once."""
        if self._over or self.lost:
            return
        self._pending.append(events.Chunk("ui", component))
        self._on_change(self, True)

    def seal(self) -> None:
        """Number what is pending, as one entry for the stream and the rows."""
        pending, self._pending = self._pending, []
        if pending:
            self._add([self._frame(seq, item) for seq, item in enumerate(pending, self._next)])

    def seal_last(self, frames_of: Callable[[int], list[events.Frame]]) -> Entry:
        """Number what is pending, then the last frames, which are published only when their row is committed."""
        self.seal()
        self._over = True
        return packed(self._next, frames_of(self._next))

    def portion(self) -> list[Entry]:
        """Return what the stream takes next: the first entries, no more than a fair share at once."""
        size = 0
        for count, entry in enumerate(self.to_stream):
            size += len(entry.packed)
            if size > PORTION and count:
                return self.to_stream[:count]
        return list(self.to_stream)

    def streamed(self, entries: list[Entry]) -> None:
        """The stream has these now."""
        del self.to_stream[: len(entries)]
        self._behind -= sum(len(entry.packed) for entry in entries)
        if self._room and self._behind <= MOST_BEHIND:
            self._room.set()
            self._room = None
        if self._drained and not self.to_stream:
            self._drained.set()

    def stored(self, entries: list[Entry]) -> None:
        """The rows have these now."""
        del self.to_rows[: len(entries)]
        self.unstored -= sum(len(entry.packed) for entry in entries)

    async def publish(self, entry: Entry) -> None:
        """Give the stream an entry whose row is committed, and wait until the stream has everything."""
        self._drained = asyncio.Event()
        self._behind += len(entry.packed)
        self.to_stream.append(entry)
        self._on_change(self, False)
        await self._drained.wait()

    async def room(self) -> None:
        """Wait while the stream is more than 1 MB behind, or more was said than a model can say.

        So a provider is read no faster than Redis takes it, and no faster than others can bear.
        """
        if self._room:
            await self._room.wait()
        if (ahead := self._paid_until - time.monotonic()) > 0:
            await asyncio.sleep(ahead)

    def _add(self, frames: list[events.Frame]) -> None:
        entry = packed(self._next, frames)
        self._next = entry.last + 1
        self.to_stream.append(entry)
        self.to_rows.append(entry)
        self.unstored += len(entry.packed)
        self._behind += len(entry.packed)
        if self._behind > MOST_BEHIND:
            self._room = self._room or asyncio.Event()

    @staticmethod
    def _frame(seq: int, item: Pending) -> events.Frame:
        if isinstance(item, events.ProcessEvent):
            return events.EventFrame(seq, item)
        if isinstance(item, events.Chunk):
            return events.ChunkFrame(seq, item)
        kind, pieces = item
        return events.ChunkFrame(seq, events.Chunk(kind, pieces[0] if len(pieces) == 1 else "".join(pieces)))
