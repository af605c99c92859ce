"""The long calls of one worker process, side by side in one event loop, so that they take none of Celery's threads."""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import cache, partial
from typing import Any

from django.db import DatabaseError
from redis.exceptions import RedisError

from accounts import audit, egress
from accounts.storage.connections import in_database
from tools.calling.output import Kept
from tools.execution import channel, claims, ending, hints, sweep
from tools.execution.channel import Cancel
from tools.execution.held import Held
from tools.models import ToolCall
from tools.specs import Outcome

PLACES = 32
RENEW_EVERY = 3.0  # seconds
RETRY_AFTER = 0.5
LEAVE_WITHIN = 5.0  # seconds that a stopping worker gives to calls that must not run twice
JOIN_WITHIN = LEAVE_WITHIN + 2

logger = logging.getLogger(__name__)


class Lane:
    """Takes calls until it is closed."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._left: list[str] = []  # calls that were given back
        self._has_more = False  # calls may be left in the queue, because every place was taken
        self._begun = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="long-calls", daemon=True)
        self._thread.start()
        self._begun.wait()

    def offer(self, call_id: str) -> None:
        """Take a call, if there is a place and no one else has it."""
        self._tell(self._take, call_id)

    def sweep(self) -> None:
        """Look for calls that no one has."""
        self._tell(self._start, _swept)

    def leave(self) -> None:
        """Take no more, and give back at once what another worker may run again."""
        self._tell(self._closing.set)

    def close(self) -> None:
        """Leave, and wait until everything is let go; a few seconds at most. By now this worker takes no more hints itself."""
        self.leave()
        self._tell(self._deaf.set)
        self._thread.join(JOIN_WITHIN)

    def _tell(self, do: Callable[..., object], *given: object) -> None:
        """Have it done in the loop; a loop that is closed has left already."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(do, *given)

    async def _serve(self) -> None:
        self._loop, self._closing, self._deaf = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        self._begun.set()
        keeping = [asyncio.create_task(self._keep_claims()), asyncio.create_task(self._hear_cancels())]
        await self._closing.wait()
        await self._let_go()
        await self._deaf.wait()
        for call_id in self._left:
            await hints.send(call_id)
        await _cancelled(*keeping)
        await egress.close()
        await asyncio.to_thread(audit.flush)

    async def _let_go(self) -> None:
        for held in list(self._held.values()):
            if held.may_run_twice:
                held.stop("leaving")
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LEAVE_WITHIN)
        for held in list(self._held.values()):
            held.stop("leaving")
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1)

    def _take(self, call_id: str) -> None:
        if self._closing.is_set() or call_id in self._held:
            return
        if len(self._held) >= PLACES:
            self._has_more = True
            return
        held = self._held[call_id] = Held()
        self._start(partial(self._work, call_id, held))

    def _start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = asyncio.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("A long call was let go by a defect; the sweep comes to its end.", exc_info=error)

    async def _work(self, call_id: str, held: Held) -> None:
        try:
            row = await in_database(claims.claim, call_id, held.token)
            if row and self._closing.is_set():
                await self._give_back(row)
            elif row:
                outcome, kept = await held.carry_out(row)
                await self._over(row, held, outcome, kept)
        except DatabaseError as error:
            logger.warning("Call %s is found again later, the database does not answer: %s", call_id, error)
        finally:
            del self._held[call_id]
            await self._take_more()

    async def _over(self, row: ToolCall, held: Held, outcome: Outcome, kept: Kept) -> None:
        if held.why == "lost":
            logger.warning("Call %s was taken over, or deleted; what came of it here is dropped.", row.pk)
        elif held.why == "leaving" and held.may_run_twice and outcome == "unknown":
            await self._give_back(row)
        else:
            await ending.end(row, outcome, kept)

    async def _give_back(self, row: ToolCall) -> None:
        if await in_database(claims.release, row):
            self._left.append(row.pk)

    async def _take_more(self) -> None:
        """Fill places that became free."""
        if not self._has_more or self._closing.is_set():
            return
        waiting = await in_database(claims.queued, PLACES)
        self._has_more = False
        for call_id in waiting:
            self._take(call_id)

    async def _keep_claims(self) -> None:
        """Give a sign of life for every call, and hear what is asked of them."""
        while True:
            try:
                await self._renew()
            except DatabaseError as error:
                logger.warning("The claims on long calls could not be renewed, trying again: %s", error)
                await asyncio.sleep(RETRY_AFTER)
            else:
                await asyncio.sleep(RENEW_EVERY)

    async def _renew(self) -> None:
        theirs = {call_id: held for call_id, held in self._held.items() if held.row}
        if not theirs:
            return
        known = await in_database(claims.renew, [(call_id, held.token) for call_id, held in theirs.items()])
        for call_id, held in theirs.items():
            if self._held.get(call_id) is not held:
                continue  # it has ended meanwhile
            if call_id not in known:
                held.stop("lost")
            elif known[call_id]:
                held.stop("cancelled")

    async def _hear_cancels(self) -> None:
        while True:
            try:
                async for message in channel.heard(channel.ASKED):
                    if isinstance(message, Cancel):
                        self._cancel(message.call)
            except RedisError as error:
                logger.warning("Redis does not tell which long calls are cancelled, trying again: %s", error)
            await asyncio.sleep(RETRY_AFTER)

    def _cancel(self, call_id: str) -> None:
        if held := self._held.get(call_id):
            held.stop("cancelled")
        else:
            self._start(partial(_unwanted, call_id))


async def _cancelled(*tasks: asyncio.Task[None]) -> None:
    """Cancel until it holds: until Python 3.12 `wait_for`, which redis-py uses, may swallow a cancellation."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=1)


async def _swept() -> None:
    try:
        await sweep.sweep()
    except DatabaseError as error:
        logger.warning("Long calls are looked through later, the database does not answer: %s", error)


async def _unwanted(call_id: str) -> None:
    try:
        await sweep.end_unwanted(call_id)
    except DatabaseError as error:
        logger.warning("Call %s is ended later, the database does not answer: %s", call_id, error)


@cache
def lane() -> Lane:
    """This process's lane, opened with the first call or look."""
    return Lane()


def leave() -> None:
    """Leave this process's lane, if it has one."""
    if lane.cache_info().currsize:
        lane().leave()


def close() -> None:
    """Close this process's lane, if it has one."""
    if lane.cache_info().currsize:
        lane().close()
