"""Waiting for a long call: its row is the truth, the worker's messages say when to look. No connection is held meanwhile."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from weakref import WeakKeyDictionary

from django.db import DatabaseError
from redis.exceptions import RedisError

from accounts.storage.connections import in_database
from tools.execution import channel, sweep
from tools.execution.channel import Over, Progress
from tools.models import ToolCall
from tools.specs import Progress as Tell

LOOK_EVERY = 5.0  # seconds; a message comes at once
LISTENING_WITHIN = 2.0
RETRY_AFTER = 0.5

logger = logging.getLogger(__name__)


class Ear:
    """One who waits for a call."""

    def __init__(self, call_id: str, progress: Tell) -> None:
        self.call_id = call_id
        self.progress = progress
        self.news = asyncio.Event()


class _Hearing:
    """One event loop's subscription, for all who wait in it."""

    def __init__(self) -> None:
        self._ears: defaultdict[str, set[Ear]] = defaultdict(set)
        self._listening: asyncio.Task[None] | None = None
        self._is_on = asyncio.Event()

    @asynccontextmanager
    async def ear(self, call_id: str, progress: Tell) -> AsyncIterator[Ear]:
        """See `listening`."""
        ear = Ear(call_id, progress)
        self._ears[call_id].add(ear)
        try:
            await self._listen()
            yield ear
        finally:
            self._ears[call_id].discard(ear)
            if not self._ears[call_id]:
                del self._ears[call_id]

    async def _listen(self) -> None:
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._hear())
        with suppress(TimeoutError):  # without Redis, each looks by itself
            async with asyncio.timeout(LISTENING_WITHIN):
                await self._is_on.wait()

    async def _hear(self) -> None:
        while True:
            try:
                async for message in channel.heard(channel.TOLD):
                    self._is_on.set()
                    self._pass_on(message)
            except RedisError as error:
                logger.warning("Redis does not tell of long calls, trying again: %s", error)
            self._is_on.clear()
            await asyncio.sleep(RETRY_AFTER)

    def _pass_on(self, message: channel.Message | None) -> None:
        match message:
            case None:
                for ear in [ear for ears in self._ears.values() for ear in ears]:
                    ear.news.set()
            case Progress(call, fraction, words):
                for ear in self._ears.get(call, ()):
                    ear.progress(fraction, words)
            case Over(call):
                for ear in self._ears.get(call, ()):
                    ear.news.set()


_hearings: "WeakKeyDictionary[asyncio.AbstractEventLoop, _Hearing]" = WeakKeyDictionary()


def listening(call_id: str, progress: Tell) -> AbstractAsyncContextManager[Ear]:
    """Within, all news of the call are heard. Enter it before the call is queued: a worker begins at once."""
    return _hearings.setdefault(asyncio.get_running_loop(), _Hearing()).ear(call_id, progress)


async def ended(ear: Ear) -> ToolCall | None:
    """The row of the call when it is over, passing on its progress until then; None where it was deleted."""
    while True:
        ear.news.clear()
        try:
            row = await in_database(ToolCall.objects.filter(pk=ear.call_id).first)
            if row is None or row.state not in ToolCall.OPEN:
                return row
            await _news(ear)
        except DatabaseError as error:
            logger.warning("Call %s is looked for again, the database does not answer: %s", ear.call_id, error)
            await asyncio.sleep(RETRY_AFTER)


async def _news(ear: Ear) -> None:
    """Wait for news; where none come, see whether a worker still has the call."""
    try:
        async with asyncio.timeout(LOOK_EVERY):
            await ear.news.wait()
    except TimeoutError:
        await sweep.sweep(ear.call_id)
