"""Tells every process that somebody's rights may have changed, so that open sockets and running answers ask again at once.

It carries no decision, only whose: what they may is read from the database by whoever hears it. While Redis is away nobody is
told; whoever listens asks for everybody as soon as it hears again, and besides every half minute.
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

from accounts.connections import redis

CHANNEL = "accounts:rights"
EVERYBODY = "*"
RETRY_AFTER = 0.5
# What nobody tells of is the end of a time: of a session, a token, a grant. Each look costs a few queries, and with 200 streams
# that looked every ten seconds they took a fifth of the processor's time.
ASK_AGAIN = 30.0
JUST_AFTER = 0.05  # asked a moment too early, it would still be there

logger = logging.getLogger(__name__)

Question = Callable[[], Coroutine[Any, Any, None]]


def tell(person_id: UUID | None = None) -> None:
    """Say, when the transaction is committed, that the person's rights may have changed; without one, everybody's."""
    transaction.on_commit(lambda: _publish(str(person_id) if person_id else EVERYBODY), robust=True)


@cache
def _publisher() -> "sync_redis.Redis":
    return sync_redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2)


def _publish(whose: str) -> None:
    try:
        _publisher().publish(CHANNEL, whose)
    except RedisError as error:
        logger.warning("A change of rights is noticed some seconds later, Redis does not answer: %s", error)


class Rights:
    """One process's ear. Whoever holds something open for a person has `on_change` called when it must be asked anew."""

    def __init__(self) -> None:
        self._watchers: dict[UUID, set[Callable[[], object]]] = defaultdict(set)
        self._listening: asyncio.Task[None] | None = None
        self._quiet_since = math.inf  # when it heard last of a change, or began to hear; never while one could be missed

    def hear(self, person_id: UUID, on_change: Callable[[], object]) -> None:
        """Call `on_change` on the event loop at each change, until `leave`."""
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())
        self._watchers[person_id].add(on_change)

    def leave(self, person_id: UUID, on_change: Callable[[], object]) -> None:
        """No more."""
        self._watchers[person_id].discard(on_change)
        if not self._watchers[person_id]:
            del self._watchers[person_id]

    def is_unchanged_since(self, moment: float) -> bool:
        """Whether it would have heard of a change since then, by `time.monotonic`, and has not."""
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
        """Have `ask` carried out at once, when the person's rights may have changed, and every so many seconds besides.

        Also `until`, in seconds since 1970, when their credential ends by itself. At once, since what changed before it
        listened is only seen by asking; but not where the same was asked already, at `asked_at` by `time.monotonic` or later,
        and nothing has changed since. No task waits: thousands may watch.
        """
        return Watch(self, person_id, ask, every=every, asked_at=asked_at, until=until)

    async def _listen(self) -> None:
        while True:
            try:
                async for whose in _heard():
                    self._quiet_since = time.monotonic()
                    self._pass_on(whose)
            except RedisError as error:
                logger.warning("Redis tells of no changes of rights, trying again: %s", error)
            finally:
                self._quiet_since = math.inf
            await asyncio.sleep(RETRY_AFTER)

    def _pass_on(self, whose: str) -> None:
        for person_id in self._concerned(whose):
            for on_change in list(self._watchers.get(person_id, ())):
                on_change()

    def _concerned(self, whose: str) -> list[UUID]:
        """Who is meant; what is not understood means everybody."""
        try:
            return list(self._watchers) if whose == EVERYBODY else [UUID(whose)]
        except ValueError:
            logger.warning("A change of rights names nobody who can be told by it: everybody is asked.")
            return list(self._watchers)


class Watch:
    """Asks for as long as it is not closed, one question at a time. An `ask` that raises DatabaseError is repeated soon."""

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
        self._context = contextvars.copy_context()  # a change is told by somebody else's doing: who acts must not be theirs
        self._again = self._closed = False
        self._asking: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        heard.hear(person_id, self._due)
        self._wait(every if heard.is_unchanged_since(asked_at) else 0.0)

    def close(self) -> None:
        """Ask no more; a question under way is given up."""
        self._closed = True
        self._heard.leave(self._person_id, self._due)
        self._wait(None)
        if self._asking:
            self._asking.cancel()

    def _due(self) -> None:
        """Another change while it asks: the answer may be from before, so it asks again."""
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
            logger.error("Asking anew for somebody's rights failed by a defect.", exc_info=error)
        return self._every

    def _wait(self, seconds: float | None) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None if seconds is None else self._loop.call_later(min(seconds, self._left()), self._due)

    def _left(self) -> float:
        """How long the credential lasts; once it is over, that is known and no reason to ask more often."""
        left = self._until - time.time()
        return left + JUST_AFTER if left > 0 else math.inf


async def _heard() -> AsyncIterator[str]:
    async with redis().pubsub() as changes:
        await changes.subscribe(CHANNEL)
        while True:
            if message := await changes.get_message(timeout=5.0):
                # A connection that broke subscribes again by itself: of what was said until then nobody has heard.
                yield EVERYBODY if message["type"] == "subscribe" else message["data"].decode()


rights = Rights()
