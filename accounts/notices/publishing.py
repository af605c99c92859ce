"""Publishes notices off everyone's path: one thread a process, which asks whom a notice concerns and sends it there."""

import asyncio
import atexit
import logging
import os
import threading
import time
from collections import deque
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer
from django.db import Error as DatabaseTroubles
from django.db import connection
from redis.exceptions import RedisError

from accounts.notices.audience import Address, Audience
from accounts.notices.notice import Key, Notice, Topic, encode
from accounts.storage.connections import after_commit

MOST_WAITING = 1_000
GATHER_SECONDS = 0.02  # what comes meanwhile goes along: a change is often told of twice
WITHIN = 2.0
LAST_SECONDS = 1.0
WARN_EVERY = 30.0

Addressed = dict[tuple[str, Key], Notice]

logger = logging.getLogger(__name__)


def notify(audience: Audience, topic: Topic, id: UUID | str | None = None, data: dict[str, Any] | None = None) -> None:  # noqa: A002  the frame's own name
    """Tell those whom it concerns that something changed, once the transaction that changes it is committed.

    Never raises and never waits. While Redis is away no one is told.
    """
    notice = Notice(topic, None if id is None else str(id), data)
    after_commit(lambda: _publisher.put(audience, notice))


class _Publisher:
    def __init__(self) -> None:
        self._waiting: deque[tuple[Audience, Notice]] = deque(maxlen=MOST_WAITING)
        self._wake = threading.Event()
        self._idle = threading.Event()
        self._starting = threading.Lock()
        self._process = 0
        self._warned_at = -WARN_EVERY

    def put(self, audience: Audience, notice: Notice) -> None:
        self._idle.clear()
        self._waiting.append((audience, notice))
        self._wake.set()
        if self._process != os.getpid():
            self._start()

    def _start(self) -> None:
        """A thread of this process: after a fork, the parent's is not here."""
        with self._starting:
            if self._process != os.getpid():
                self._process = os.getpid()
                threading.Thread(target=self._run, name="notices", daemon=True).start()
                atexit.register(self._idle.wait, LAST_SECONDS)

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            while True:
                self._wake.wait()
                time.sleep(GATHER_SECONDS)
                self._wake.clear()
                try:
                    runner.run(self._publish(self._addressed()))
                except Exception:  # the thread's edge: one notice's defect must not end those to come
                    logger.exception("Notices failed by a defect.")
                if not self._waiting:
                    self._idle.set()

    def _addressed(self) -> Addressed:
        """The notices that wait, by group and thing: the newest of each."""
        addressed: Addressed = {}
        asked: dict[Audience, list[Address]] = {}  # a change is often told of twice at once
        while self._waiting:
            audience, notice = self._waiting.popleft()
            try:
                if audience not in asked:
                    asked[audience] = list(audience())
                for group, may_name in asked[audience]:
                    told = notice if may_name else Notice(notice.topic)
                    addressed[group, told.key] = told
            except DatabaseTroubles as error:
                self._warn(error)
        connection.close()
        return addressed

    async def _publish(self, addressed: Addressed) -> None:
        layer = get_channel_layer()
        try:
            async with asyncio.timeout(WITHIN):
                for (group, _), notice in addressed.items():
                    await layer.group_send(group, {"to": group, "frame": encode(notice)})
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            self._warn(error)

    def _warn(self, error: Exception) -> None:
        if time.monotonic() - self._warned_at >= WARN_EVERY:
            self._warned_at = time.monotonic()
            logger.warning("Open pages are not told of changes at the moment: %s", error)


_publisher = _Publisher()
