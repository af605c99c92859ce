"""The live end of a run's log: its Redis stream, and the messages between web and runner.

An entry holds consecutive frames, one a line; its id is `<first>-0`. Redis refuses an id that is not beyond the last one, so two
writers can never both number an event.
"""

import logging
import uuid
from typing import Any, NamedTuple
from uuid import UUID

from redis.exceptions import RedisError, ResponseError

from accounts import connections
from chat.log import Line, lines_of
from chat.runlog import Entry

logger = logging.getLogger(__name__)

FIELD = b"d"
QUEUE = "runs:queue"
STOPS = "runs:stops"
LIVE_SECONDS = 24 * 3600
ENDED_SECONDS = 600
BLOCK_MS = 2_000

RedisEntry = tuple[bytes, dict[bytes, bytes]]


def key_of(run_id: UUID) -> str:
    """The name of a run's stream."""
    return f"run:{run_id}:log"


def run_of(key: bytes) -> UUID:
    """The run of a stream's name."""
    return UUID(key.split(b":")[1].decode())


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


async def next_run() -> UUID | None:
    """The next run that waits for a runner; None when none came for two seconds. Raises RedisError."""
    found = await _client().brpop([QUEUE], timeout=2)
    return UUID(found[1].decode()) if found else None


async def add_all(entries: list[tuple[UUID, Entry]]) -> list[bool]:
    """Append one entry for each run, in one round trip. False where the number is taken already. Raises RedisError.

    One entry a run and round trip: were it more, a run that was given up could lose the first and keep the second.
    """
    pipeline = _client().pipeline(transaction=False)
    for run_id, entry in entries:
        pipeline.xadd(key_of(run_id), {FIELD: entry.packed}, id=f"{entry.first}-0")
    return [_is_taken(answer) for answer in await pipeline.execute(raise_on_error=False)]


async def add(run_id: UUID, entry: Entry) -> bool:
    """Append one entry. False when the number is taken; True also when Redis is away, for then nobody else appends either."""
    try:
        return (await add_all([(run_id, entry)]))[0]
    except RedisError:
        return True


def _is_taken(answer: object) -> bool:
    if isinstance(answer, ResponseError) and "equal or smaller" in str(answer):
        return False
    if isinstance(answer, RedisError):
        raise answer
    return True


async def holds(run_id: UUID, entry: Entry) -> bool:
    """Whether the stream has exactly this entry. Raises RedisError."""
    found = await _client().xrange(key_of(run_id), f"{entry.first}-0", f"{entry.first}-0")
    return bool(found) and found[0][1].get(FIELD) == entry.packed


async def lines_after(run_id: UUID, after: int, *, most: int | None = None) -> list[Line]:
    """The events beyond `after` that the stream has, from at most `most` entries; none when Redis is away."""
    start = await entry_of(run_id, after + 1)
    try:
        found = await _client().xrange(key_of(run_id), f"{start}-0", count=most)
    except RedisError:
        return []
    return lines_in(found, after=after)


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


async def tell_stop(run_id: UUID) -> None:
    """Tell the runners to stop a run; one that does not hear it sees it with its next lease."""
    try:
        await _client().publish(STOPS, str(run_id))
    except RedisError:
        logger.warning("Run %s is stopped with its next lease: Redis does not answer.", run_id)


class News(NamedTuple):
    """What came in one run's stream, and the number of its newest entry."""

    run_id: UUID
    position: int
    lines: list[Line]


class Reader:
    """One blocking command over many streams. A stream of the reader's own is among them, to cut the wait short."""

    def __init__(self) -> None:
        self._key = f"hub:{uuid.uuid4()}"
        self._woken = b"0"

    async def wake(self) -> None:
        """Let `read` return, so that it is called again with other streams."""
        try:
            pipeline = _client().pipeline(transaction=False)
            pipeline.xadd(self._key, {"": ""}, maxlen=1)
            pipeline.expire(self._key, 3600)
            await pipeline.execute()
        except RedisError:
            pass  # the reader is between two tries then, and looks at the set of streams again by itself

    async def read(self, positions: dict[UUID, int]) -> list[News]:
        """Wait for entries beyond each run's position; nothing after two seconds or `wake`. Raises RedisError."""
        streams: dict[str, Any] = {key_of(run_id): f"{position}-0" for run_id, position in positions.items()}
        answer = await _client().xread(streams | {self._key: self._woken}, block=BLOCK_MS)
        news = []
        for key, entries in answer.items() if isinstance(answer, dict) else answer:
            if key == self._key.encode():
                self._woken = entries[-1][0]
            else:
                news.append(News(run_of(key), number_of(entries[-1][0]), lines_in(entries)))
        return news
