"""The live end of a run's log: its Redis stream, and the messages between web and runner.

An entry holds consecutive frames, one a line; its id is `<first>-0`. Redis refuses an id that is not beyond the last one, so
two writers can never both number an event. Each entry is also pushed to the run's followers (docs/decisions).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from redis.exceptions import RedisError, ResponseError

from accounts.storage import connections
from chat.log.lines import Line, lines_of
from chat.log.log_buffer import Entry
from chat.log.redis_link import Command, Link

logger = logging.getLogger(__name__)

FIELD = b"d"
QUEUE = "runs:queue"
RUNNER_ALIVE = "runner:alive"  # there while any runner is
LIVE_SECONDS = 24 * 3600
ENDED_SECONDS = 600
RETRY_AFTER = 0.2

RedisEntry = tuple[bytes, dict[bytes, bytes]]


def key_of(run_id: UUID) -> bytes:
    """The name of a run's stream, and of the channel on which its entries are pushed."""
    return b"run:%s:log" % str(run_id).encode()


def _client() -> Any:
    # redis-py types each answer as every form that any protocol version could give.
    return connections.redis()


async def open_run(run_id: UUID, accepted: bytes) -> None:
    """Begin the stream with the run's first event and wake a runner. Raises RedisError."""
    pipeline = _client().pipeline(transaction=False)
    pipeline.xadd(key_of(run_id), {FIELD: accepted}, id="1-0")
    pipeline.expire(key_of(run_id), LIVE_SECONDS)
    pipeline.lpush(QUEUE, str(run_id))
    await pipeline.execute(raise_on_error=False)


async def wake(run_id: UUID) -> None:
    """Wake a runner for a run that is queued again; one that does not hear it finds it within seconds."""
    try:
        await _client().lpush(QUEUE, str(run_id))
    except RedisError:
        logger.warning("Run %s waits for a runner to find it: Redis does not answer.", run_id)


async def reopen(run_id: UUID, last: Line) -> None:
    """Keep the stream of a run that goes on for another day; where it has expired, it begins with the last event."""
    pipeline = _client().pipeline(transaction=False)
    pipeline.xadd(key_of(run_id), {FIELD: last.frame}, id=f"{last.seq}-0")
    pipeline.expire(key_of(run_id), LIVE_SECONDS)
    try:
        await pipeline.execute(raise_on_error=False)
    except RedisError:
        logger.warning("The stream of run %s is opened by its next event: Redis does not answer.", run_id)


async def next_run() -> UUID | None:
    """The next run that waits for a runner; None when none came for two seconds. Raises RedisError."""
    found = await _client().brpop([QUEUE], timeout=2)
    return UUID(found[1].decode()) if found else None


async def holds(key: bytes, entry: Entry) -> bool:
    """Tell whether the stream has exactly this entry. Raises RedisError."""
    found = await _client().xrange(key, f"{entry.first}-0", f"{entry.first}-0")
    return bool(found) and found[0][1].get(FIELD) == entry.packed


async def lines_after(run_id: UUID, after: int, *, most: int | None = None) -> list[Line]:
    """The events beyond `after` that the stream has, from at most `most` entries; none when Redis is away."""
    start = await entry_of(run_id, after + 1)
    try:
        found = await _client().xrange(key_of(run_id), f"{start}-0", count=most)
    except RedisError:
        return []
    return lines_in(found, after=after)


async def newest(run_id: UUID) -> int:
    """The number of the last event that the stream has; 0 where it has none, or Redis is away."""
    try:
        lines = lines_in(await _client().xrevrange(key_of(run_id), count=1))
    except RedisError:
        return 0
    return lines[-1].seq if lines else 0


async def entry_of(run_id: UUID, seq: int) -> int:
    """The number that begins the entry with event `seq`; `seq` itself when there is none yet, or Redis is away."""
    try:
        found = await _client().xrevrange(key_of(run_id), f"{seq}-0", "-", count=1)
    except RedisError:
        return seq
    return number_of(found[0][0]) if found else seq


def number_of(entry_id: bytes) -> int:
    """The first event's number of an entry's id."""
    return int(entry_id.partition(b"-")[0])


def lines_in(entries: list[RedisEntry], *, after: int = 0) -> list[Line]:
    """The events of entries that Redis gave, beyond `after`."""
    return [line for entry_id, fields in entries for line in lines_of(number_of(entry_id), fields[FIELD], after=after)]


async def expire(run_id: UUID) -> None:
    """Leave an ended run's stream for the clients that still follow it, not for longer."""
    try:
        await _client().expire(key_of(run_id), ENDED_SECONDS)
    except RedisError:
        logger.warning("The stream of run %s keeps its first expiry: Redis does not answer.", run_id)


async def delete(run_ids: list[UUID]) -> None:
    """Delete streams at once."""
    try:
        await _client().delete(*map(key_of, run_ids)) if run_ids else None
    except RedisError:
        logger.warning("%d streams expire by themselves within a day: Redis does not answer.", len(run_ids))


class Writing:
    """The writer's own connection to the streams."""

    def __init__(self) -> None:
        self._link: Link | None = None

    async def add_all(self, entries: list[tuple[bytes, Entry]]) -> list[bool]:
        """Append one entry for each stream and show it to the followers, in one round trip.

        False where the number is taken already. Raises RedisError. One entry a run and round trip: were it more, a run that
        was given up could lose the first and keep the second.
        """
        if self._link is None or self._link.closed.done():
            self._link = await Link.connect(settings.REDIS_URL)
        commands: list[Command] = []
        for key, entry in entries:
            commands += [("XADD", key, f"{entry.first}-0", FIELD, entry.packed), ("PUBLISH", key, _message(entry))]
        answers = await self._link.send(commands)
        return [_is_new(answer) for answer in answers[::2]]


async def add(run_id: UUID, entry: Entry) -> bool:
    """Append one entry. False when the number is taken; True also when Redis is away, for then no one else appends either."""
    key = key_of(run_id)
    pipeline = _client().pipeline(transaction=False)
    pipeline.xadd(key, {FIELD: entry.packed}, id=f"{entry.first}-0")
    pipeline.publish(key, _message(entry))
    try:
        return _is_new((await pipeline.execute(raise_on_error=False))[0])
    except RedisError:
        return True


def _is_new(answer: object) -> bool:
    if isinstance(answer, ResponseError) and "equal or smaller" in str(answer):
        return False
    if isinstance(answer, RedisError):
        raise answer
    return True


def _message(entry: Entry) -> bytes:
    """An entry as it is shown to followers: the number of its first event, a space, its frames."""
    return b"%d %s" % (entry.first, entry.packed)


class Reading:
    """A web process's own connection, to which Redis pushes what is added to the followed runs.

    `on_lines` gets each entry as it comes. `on_return` is called after the connection was lost and is back: what was added
    meanwhile was not pushed and must be read.
    """

    def __init__(self, on_lines: Callable[[bytes, list[Line]], None], on_return: Callable[[], Awaitable[None]]) -> None:
        self._on_lines = on_lines
        self._on_return = on_return
        self._link: Link | None = None
        self._keys: set[bytes] = set()
        self._keeping: asyncio.Task[None] | None = None

    async def follow(self, key: bytes) -> None:
        """Have a run's entries pushed. When this returns, all that is added from now on comes, or `on_return` is called."""
        self._keys.add(key)
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep())
        elif self._link:
            try:
                await self._link.send([("SUBSCRIBE", key)])
            except RedisError:
                pass  # `_keep` subscribes to all again

    def leave(self, key: bytes) -> None:
        """No more of this run."""
        self._keys.discard(key)
        if self._link:
            self._link.send([("UNSUBSCRIBE", key)]).add_done_callback(_seen)

    async def _keep(self) -> None:
        """Keep the connection, for as long as this process lives."""
        while True:
            try:
                self._link = await Link.connect(settings.REDIS_URL, on_message=self._take)
                if self._keys:
                    await self._link.send([("SUBSCRIBE", key) for key in self._keys])
            except RedisError as error:
                logger.warning("Redis does not give the log, trying again: %s", error)
                await asyncio.sleep(RETRY_AFTER)
                continue
            await self._on_return()
            await self._link.closed

    def _take(self, key: bytes, message: bytes) -> None:
        first, _, packed = message.partition(b" ")
        self._on_lines(key, lines_of(int(first), packed))


def _seen(answer: "asyncio.Future[list[Any]]") -> None:
    """A failure of this command needs no care: with the connection, the subscription is gone."""
    if not answer.cancelled():
        answer.exception()
