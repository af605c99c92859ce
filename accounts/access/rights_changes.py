"""Publishes changes of rights to every process, so that open sockets and running answers check again at once.

A message names only the person; each listener reads the rights from the database. While Redis is away no messages arrive; a
listener checks everyone as soon as it is connected again, and every half minute in any case.
"""

import asyncio
import contextvars
import logging
import math
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import cache
from typing import Any
from uuid import UUID

import redis as sync_redis
from django.conf import settings
from django.db import DatabaseError, transaction
from redis.exceptions import RedisError

from accounts.storage.connections import redis

CHANNEL = "accounts:rights"
EVERYONE = "*"
RETRY_AFTER = 0.5
# Expiry of a session, token or grant is not published. Each check costs a few queries; with 200 streams, checking every ten
# seconds took a fifth of the processor's time.
ASK_AGAIN = 30.0
JUST_AFTER = 0.05  # a check a moment too early would still find the session

logger = logging.getLogger(__name__)

Question = Callable[[], Coroutine[Any, Any, None]]


def publish(person_id: UUID | None = None) -> None:
    """Publish, once the transaction commits, that this person's rights may have changed; without an id, everyone's."""
    transaction.on_commit(lambda: _publish(str(person_id) if person_id else EVERYONE), robust=True)


@cache
def _publisher() -> "sync_redis.Redis":
    return sync_redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2)


def _publish(whose: str) -> None:
    try:
        _publisher().publish(CHANNEL, whose)
    except RedisError as error:
        logger.warning("A change of rights takes effect some seconds later: Redis does not answer: %s", error)


class Rights:
    """One process's subscription. Whatever stays open for a person registers `on_change` to check their rights again."""

    def __init__(self) -> None:
        self._watchers: dict[UUID, set[Callable[[], object]]] = defaultdict(set)
        self._listening: asyncio.Task[None] | None = None
        self._quiet_since = math.inf  # time of the last change, or of subscribing; infinite while changes could be missed

    def hear(self, person_id: UUID, on_change: Callable[[], object]) -> None:
        """Call `on_change` on the event loop at each change, until `leave`."""
        self.listen()
        self._watchers[person_id].add(on_change)

    def listen(self) -> None:
        """Subscribe, if this process does not listen yet."""
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())

    def leave(self, person_id: UUID, on_change: Callable[[], object]) -> None:
        """Stop calling `on_change`."""
        self._watchers[person_id].discard(on_change)
        if not self._watchers[person_id]:
            del self._watchers[person_id]

    def is_unchanged_since(self, moment: float) -> bool:
        """Check that no change arrived since that `time.monotonic` moment and that none could have been missed."""
        return moment > self._quiet_since

    def watch(
        self,
        person_id: UUID,
        ask: Question,
        *,
        every: float = ASK_AGAIN,
        asked_at: float = -math.inf,
        until: float = math.inf,
    ) -> "Watch":
        """Call `ask` at once, whenever the person's rights may have changed, and every `every` seconds.

        It is also called at `until` (seconds since 1970), when their credential expires. The first call catches changes made
        before the subscription; it is skipped if the caller asked at `asked_at` (`time.monotonic`) or later and nothing changed
        since. No task is kept waiting: thousands may watch.
        """
        return Watch(self, person_id, ask, every=every, asked_at=asked_at, until=until)

    async def _listen(self) -> None:
        while True:
            try:
                async for whose in _heard():
                    self._quiet_since = time.monotonic()
                    self._pass_on(whose)
            except RedisError as error:
                logger.warning("Cannot receive changes of rights from Redis, trying again: %s", error)
            finally:
                self._quiet_since = math.inf
            await asyncio.sleep(RETRY_AFTER)

    def _pass_on(self, whose: str) -> None:
        for person_id in self._concerned(whose):
            for on_change in list(self._watchers.get(person_id, ())):
                on_change()

    def _concerned(self, whose: str) -> list[UUID]:
        """List the people a message concerns; a message that cannot be parsed concerns everyone."""
        try:
            return list(self._watchers) if whose == EVERYONE else [UUID(whose)]
        except ValueError:
            logger.warning("A change of rights does not name a person: everyone's rights are checked.")
            return list(self._watchers)


class Watch:
    """Calls `ask` until it is closed, one call at a time, and soon again after a DatabaseError."""

    __slots__ = (
        "_again",
        "_ask",
        "_asking",
        "_closed",
        "_context",
        "_every",
        "_heard",
        "_loop",
        "_person_id",
        "_timer",
        "_until",
    )

    def __init__(self, heard: Rights, person_id: UUID, ask: Question, *, every: float, asked_at: float, until: float) -> None:
        self._until = until
        self._heard, self._person_id, self._ask, self._every = heard, person_id, ask, every
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()  # another person's action publishes changes: its actor must not leak in
        self._again = self._closed = False
        self._asking: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        heard.hear(person_id, self._due)
        self._wait(every if heard.is_unchanged_since(asked_at) else 0.0)

    def close(self) -> None:
        """Stop asking and cancel a call in progress."""
        self._closed = True
        self._heard.leave(self._person_id, self._due)
        self._wait(None)
        if self._asking:
            self._asking.cancel()

    def _due(self) -> None:
        """Ask now. If a call is already running, its answer may be from before the change, so ask once more afterwards."""
        if self._asking:
            self._again = True
            return
        self._again = False
        self._wait(None)
        self._asking = self._loop.create_task(self._ask(), context=self._context)
        self._asking.add_done_callback(self._answered)

    def _answered(self, asked: asyncio.Task[None]) -> None:
        self._asking = None
        pause = self._pause_after(asked)
        if not self._closed:
            self._wait(0.0 if self._again else pause)

    def _pause_after(self, asked: asyncio.Task[None]) -> float:
        error = None if asked.cancelled() else asked.exception()
        if isinstance(error, DatabaseError):
            return RETRY_AFTER
        if error:
            logger.error("Checking a person's rights again failed with a bug.", exc_info=error)
        return self._every

    def _wait(self, seconds: float | None) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None if seconds is None else self._loop.call_later(min(seconds, self._left()), self._due)

    def _left(self) -> float:
        """Seconds until the credential expires; infinite after that, because an expired one needs no further checks."""
        left = self._until - time.time()
        return left + JUST_AFTER if left > 0 else math.inf


async def _heard() -> AsyncIterator[str]:
    async with redis().pubsub() as changes:
        await changes.subscribe(CHANNEL)
        while True:
            if message := await changes.get_message(timeout=5.0):
                # A broken connection subscribes again by itself; messages published meanwhile are lost.
                yield EVERYONE if message["type"] == "subscribe" else message["data"].decode()


rights = Rights()
