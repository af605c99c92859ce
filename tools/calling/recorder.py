"""Rows of calls that only read: written when they are over, many at once, so that no call waits for the disk.

One recorder for each event loop. What the database does not take is kept and tried again.
"""

import asyncio
import contextlib
import logging
from collections import deque
from weakref import WeakKeyDictionary

from django.db import DatabaseError, IntegrityError

from accounts.storage.connections import in_database
from tools.calling import rows
from tools.models import ToolCall

WRITE_EVERY = 0.2  # seconds
RETRY_AFTER = 1.0
MOST_WAITING = 10_000
MOST_AT_ONCE = 500

logger = logging.getLogger(__name__)


class _Recorder:
    def __init__(self) -> None:
        self._waiting: deque[ToolCall] = deque(maxlen=MOST_WAITING)
        self._writing: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    def put(self, row: ToolCall) -> None:
        if len(self._waiting) == MOST_WAITING:
            logger.error(
                "Too many calls wait for the database; call %s of %s has no row.", self._waiting[0].pk, self._waiting[0].tool
            )
        self._waiting.append(row)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def _write(self, pause: float = WRITE_EVERY) -> None:
        while self._waiting:
            await self._rest(pause)
            batch = [self._waiting[number] for number in range(min(len(self._waiting), MOST_AT_ONCE))]
            try:
                await self._store(batch)
            except DatabaseError as error:
                logger.warning("Calls are not stored yet, the database does not answer: %s", error)
                pause = RETRY_AFTER
                continue
            pause = WRITE_EVERY
            for _ in batch:
                self._waiting.popleft()

    @staticmethod
    async def _store(batch: list[ToolCall]) -> None:
        """Write them; one by one, where one cannot be stored at all because its person was removed meanwhile."""
        try:
            await in_database(rows.add_all, batch)
        except IntegrityError:
            logger.info("Of %d calls, some are of people who are gone.", len(batch))
            for row in batch:
                with contextlib.suppress(IntegrityError):
                    await in_database(rows.add_all, [row])

    async def _rest(self, seconds: float) -> None:
        """Let others join the batch, unless it is waited for."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        self._hurry.clear()

    async def flush(self) -> None:
        if self._writing and not self._writing.done():
            self._hurry.set()
            await asyncio.shield(self._writing)


_recorders: "WeakKeyDictionary[asyncio.AbstractEventLoop, _Recorder]" = WeakKeyDictionary()


def put(row: ToolCall) -> None:
    """Write the row of a call that is over, soon."""
    _recorders.setdefault(asyncio.get_running_loop(), _Recorder()).put(row)


async def flush() -> None:
    """Wait until everything of this loop is written. Call it before the loop ends."""
    if found := _recorders.get(asyncio.get_running_loop()):
        await found.flush()
