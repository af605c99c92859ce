"""The one writer of a runner process: everything its runs say goes out here, all runs together.

The stream is fed as fast as Redis answers: what piles up during one round trip goes out in the next, so there is no timer and
an idle system adds no delay. Rows follow at least every quarter second, and at once for everything that is not text.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from django.db import DatabaseError
from redis.exceptions import RedisError

from accounts.storage.connections import in_database
from chat.log import rows, stream
from chat.log.claims import Claim
from chat.log.log_buffer import Entry, RunLog, joined
from chat.log.tail import FramesOf, Sealed
from chat.parts import Origin

logger = logging.getLogger(__name__)

ROWS_EVERY = 0.25
# A run that said so much has its rows stored before their time: a flood in one statement would hold up the other runs.
ROWS_BYTES = 100_000
RETRY_AFTER = 0.25


class LogWriter:
    """Feeds the streams and the rows of this process's runs. `run()` is its life; one task of it is enough."""

    def __init__(self) -> None:
        self._logs: dict[UUID, RunLog] = {}
        self._spoke: dict[UUID, RunLog] = {}
        self._stream_wake = asyncio.Event()
        self._rows_wake = asyncio.Event()
        self._saving = asyncio.Lock()
        self._streams = stream.Writing()

    def open(self, claim: Claim, *, next_seq: int) -> RunLog:
        """The log of a run that was claimed."""
        run_log = RunLog(
            claim.run_id, key=stream.key_of(claim.run_id), fence=claim.fence, next_seq=next_seq, on_change=self._changed
        )
        self._logs[claim.run_id] = run_log
        return run_log

    def close(self, run_log: RunLog) -> None:
        """The run is over or was lost; nothing more of it is written."""
        self._logs.pop(run_log.run_id, None)
        self._spoke.pop(run_log.run_id, None)
        run_log.close()

    async def run(self) -> None:
        """Write until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._feed_streams())
            tasks.create_task(self._feed_rows())

    def tail(self, run_log: RunLog, step: int = 1, origin: Origin | None = None) -> "HeldTail":
        """The end of the log, for who ends the run (`chat.log.tail.Tail`), in the step of this number and origin."""
        return HeldTail(run_log, self._saving, (step, origin))

    def _changed(self, run_log: RunLog, urgent: bool) -> None:  # noqa: FBT001  a callback's plain fact
        self._spoke[run_log.run_id] = run_log
        self._stream_wake.set()
        if urgent:
            self._rows_wake.set()

    async def _feed_streams(self) -> None:
        while True:
            await self._stream_wake.wait()
            self._stream_wake.clear()
            spoke, self._spoke = list(self._spoke.values()), {}
            self._seal(spoke)
            if any(run_log.unstored > ROWS_BYTES for run_log in spoke):
                self._rows_wake.set()
            batch = [(run_log, run_log.portion()) for run_log in spoke if run_log.to_stream]
            if batch:
                await self._send(batch)
            for run_log, _ in batch:
                if run_log.to_stream:
                    self._changed(run_log, urgent=False)

    @staticmethod
    def _seal(logs: list[RunLog]) -> None:
        """One run that cannot be encoded is given up; the others must not notice."""
        for run_log in logs:
            try:
                run_log.seal()
            except (UnicodeError, TypeError, ValueError):
                logger.exception("Run %s said what cannot be encoded.", run_log.run_id)
                run_log.lose()

    async def _send(self, batch: list[tuple[RunLog, list[Entry]]]) -> None:
        packed = [(run_log.key, joined(entries)) for run_log, entries in batch]
        while True:
            try:
                new = await self._streams.add_all(packed)
                for (run_log, entries), entry, is_new in zip(batch, packed, new, strict=True):
                    # A number that is taken was stored by an earlier try whose answer was lost, or by whoever ended the run.
                    if not is_new and not await stream.holds(*entry):
                        run_log.lose()
                    run_log.streamed(entries)
            except RedisError as error:
                logger.warning("Redis does not take the log, trying again: %s", error)
                await asyncio.sleep(RETRY_AFTER)
            else:
                return

    async def _feed_rows(self) -> None:
        while True:
            try:
                async with asyncio.timeout(ROWS_EVERY):
                    await self._rows_wake.wait()
            except TimeoutError:
                pass
            self._rows_wake.clear()
            try:
                await self.save()
            except DatabaseError as error:
                logger.warning("The database does not take the log, trying again: %s", error)
                await asyncio.sleep(RETRY_AFTER)

    async def save(self) -> None:
        """Store everything said so far as rows. Raises DatabaseError, after which it is all still there to try again."""
        async with self._saving:
            logs = list(self._logs.values())
            self._seal(logs)
            batch = [(run_log, list(run_log.to_rows)) for run_log in logs if run_log.to_rows]
            if batch:
                await self._save(batch)

    async def _save(self, batch: list[tuple[RunLog, list[Entry]]]) -> None:
        entries = [(Claim(run_log.run_id, run_log.fence), joined(waiting)) for run_log, waiting in batch]
        held = await in_database(rows.save, entries)
        for run_log, waiting in batch:
            run_log.stored(waiting)
            if run_log.run_id not in held:
                run_log.lose()


class HeldTail:
    """The end of a run that this process holds."""

    def __init__(self, run_log: RunLog, saving: asyncio.Lock, made: tuple[int, Origin | None]) -> None:
        self.claim = Claim(run_log.run_id, run_log.fence)
        self._log, self._saving, self._made = run_log, saving, made

    @asynccontextmanager
    async def sealed(self, frames_of: FramesOf) -> AsyncIterator[Sealed]:
        """As `chat.log.tail.Tail` says."""
        final = self._log.seal_last(frames_of)
        async with self._saving:
            yield Sealed([*self._log.to_rows, final], self._log.parts(*self._made))
            self._log.to_rows.clear()

    async def show(self, final: Entry) -> None:
        """As `chat.log.tail.Tail` says."""
        await self._log.publish(final)
