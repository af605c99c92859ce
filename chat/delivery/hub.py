"""The web process's end of the log: one reader for all runs that its clients follow, and the fan-out to them.

A follower has no queue: it holds the number of the last event it took and asks the run's `Channel` for what comes after. One
that lags behind what the channel keeps in memory reads the log until it has caught up. So a slow client costs the
others nothing, and memory is bounded by the number of runs, not of clients.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from uuid import UUID

from accounts.storage.connections import in_database
from chat.log import rows, stream
from chat.log.lines import Line, is_final
from chat.models import Run
from chat.runs import end_run, give_up

# What is kept of a run for who comes a little later: the rows, which they read first, follow by a quarter second. Whoever lags
# further behind reads the log.
KEPT_BYTES = 4_000
# What is kept at most of events that no follower had a turn to take yet: a flood brings several between two turns.
UNTAKEN_BYTES = 128_000
LINE_BYTES = 110  # of a kept event's objects, beside its frame
# Read of the stream at once for who lags, who may take it slowly: an entry has at most 64 KB.
MOST_ENTRIES = 16
RETRY_AFTER = 0.2
# A run says something at least every 5 s. One that has been silent for longer is looked up in the database.
SILENCE_SECONDS = 8.0


class Channel:
    """The newest events of one live run, without holes, and who waits for more."""

    def __init__(self, run_id: UUID, newest: int) -> None:
        self.run_id = run_id
        self.newest = newest
        self.followers = 0
        self._lines: list[Line] = []
        self._size = 0
        self._taken = newest
        self._waiters: list[asyncio.Future[bool]] = []
        self._added_at = time.monotonic()

    def add(self, lines: list[Line]) -> None:
        """Take new events, forget the oldest, wake the followers."""
        if lines and lines[0].seq > self.newest + 1:
            self._forget()  # what lies between is in the log
        for line in lines:
            if line.seq > self.newest:
                self._lines.append(line)
                self._size += len(line.frame) + LINE_BYTES
                self.newest = line.seq
        self._trim()
        self._added_at = time.monotonic()
        self._wake(spoke=True)

    def after(self, seq: int) -> list[Line] | None:
        """The events beyond `seq`; None when the next one is not kept here, so that the log must be read."""
        self._taken = self.newest
        if seq >= self.newest:
            return []
        behind = self.newest - seq
        if behind > len(self._lines):
            return None
        return self._lines[-behind:]

    def _trim(self) -> None:
        count = 0
        while self._size > KEPT_BYTES and count < len(self._lines) - 1:
            oldest = self._lines[count]
            if oldest.seq > self._taken and self._size <= UNTAKEN_BYTES:
                break
            self._size -= len(oldest.frame) + LINE_BYTES
            count += 1
        del self._lines[:count]

    def _forget(self) -> None:
        self._lines.clear()
        self._size = 0

    async def changed(self) -> bool:
        """Wait until something was added; False after a silence."""
        waiter: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        return await waiter

    def look(self) -> None:
        """Tell the followers of a silence."""
        if time.monotonic() - self._added_at > SILENCE_SECONDS:
            self._added_at = time.monotonic()
            self._wake(spoke=False)

    def _wake(self, *, spoke: bool) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(spoke)


class Hub:
    """Has one connection on which Redis pushes what is added to the followed runs."""

    def __init__(self) -> None:
        self._channels: dict[bytes, Channel] = {}
        self._looking: asyncio.Task[None] | None = None
        self._reading = stream.Reading(self._take, self._catch_up_all)

    async def follow(self, run_id: UUID, after: int = 0) -> AsyncIterator[list[Line]]:
        """The run's events beyond number `after`, in order and each once, in groups; ends with the last event.

        Raises DatabaseError when the rows cannot be read: the client resumes where it was.
        """
        cursor = after
        async for lines in self._stored(run_id, cursor):
            yield lines
            cursor = lines[-1].seq
            if is_final(lines[-1].frame):
                return
        # A run that is not active here ended between the two looks: its last events are rows now.
        active = await in_database(_is_active, run_id)
        # A client may say that it has seen more than there is: that holds for no other follower.
        newest = min(cursor, await stream.newest(run_id)) if active else 0
        async for lines in self._follow_live(run_id, cursor, newest) if active else self._ended(run_id, cursor):
            yield lines

    def follow_new(self, run_id: UUID) -> AsyncIterator[list[Line]]:
        """The events of a run that was just made, after its first: there is nothing to look up."""
        return self._follow_live(run_id, cursor=1, newest=1)

    async def _follow_live(self, run_id: UUID, cursor: int, newest: int) -> AsyncIterator[list[Line]]:
        channel = self._channels.get(stream.key_of(run_id)) or self._open(run_id, newest)
        channel.followers += 1
        try:
            if channel.followers == 1:
                await self._reading.follow(stream.key_of(run_id))
                await self._catch_up(channel)
            async for lines in self._live(run_id, channel, cursor):
                yield lines
        finally:
            self._leave(channel)

    async def _live(self, run_id: UUID, channel: Channel, cursor: int) -> AsyncIterator[list[Line]]:
        while True:
            lines = channel.after(cursor)
            if lines is None:
                lines = await self._missing(run_id, cursor)
            if lines:
                cursor = lines[-1].seq
                yield lines
                if is_final(lines[-1].frame):
                    return
                continue
            if not await channel.changed() and not await self._still_active(run_id):
                async for lines in self._ended(run_id, cursor):
                    yield lines
                return

    async def _missing(self, run_id: UUID, cursor: int) -> list[Line]:
        """Events that the channel no longer has, or that a restarted Redis lost: from the stream, else from the rows."""
        lines = await stream.lines_after(run_id, cursor, most=MOST_ENTRIES)
        if not lines or lines[0].seq != cursor + 1:
            lines = await in_database(rows.lines_after, run_id, cursor)
        if not lines:
            await asyncio.sleep(RETRY_AFTER)  # the rows follow the stream by a quarter second
        return lines

    @staticmethod
    async def _stored(run_id: UUID, cursor: int) -> AsyncIterator[list[Line]]:
        while lines := await in_database(rows.lines_after, run_id, cursor):
            cursor = lines[-1].seq
            yield lines

    async def _ended(self, run_id: UUID, cursor: int) -> AsyncIterator[list[Line]]:
        """Yield the rest of a run that is over. Every follower gets a final event, even one that has seen it before."""
        lines: list[Line] = []
        async for lines in self._stored(run_id, cursor):
            yield lines
            cursor = lines[-1].seq
        if not lines or not is_final(lines[-1].frame):
            yield [await in_database(end_run.final_line, run_id, cursor)]

    @staticmethod
    async def _still_active(run_id: UUID) -> bool:
        """Tell whether the silent run still has a runner. If it lost it and no other runner looks, this process ends it."""
        await give_up.give_up_expired()
        return await in_database(_is_active, run_id)

    def _open(self, run_id: UUID, newest: int) -> Channel:
        self._looking = self._looking or asyncio.create_task(self._look())
        channel = self._channels[stream.key_of(run_id)] = Channel(run_id, newest)
        return channel

    def _leave(self, channel: Channel) -> None:
        channel.followers -= 1
        key = stream.key_of(channel.run_id)
        if not channel.followers and self._channels.get(key) is channel:
            del self._channels[key]
            self._reading.leave(key)

    async def _catch_up(self, channel: Channel) -> None:
        """Read what was added before the entries are pushed."""
        channel.add(await stream.lines_after(channel.run_id, channel.newest))

    async def _catch_up_all(self) -> None:
        for channel in list(self._channels.values()):
            await self._catch_up(channel)

    def _take(self, key: bytes, lines: list[Line]) -> None:
        if channel := self._channels.get(key):
            channel.add(lines)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(1)
            for channel in list(self._channels.values()):
                channel.look()


def _is_active(run_id: UUID) -> bool:
    return Run.objects.filter(pk=run_id, status__in=Run.OPEN).exists()
