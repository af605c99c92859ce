"""Messages about long calls between workers and those who wait: hints, for the row has what counts.

`TOLD`: workers say how far a call is, and that it is over. `ASKED`: workers are asked to end one.
"""

import logging
from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec
from redis.exceptions import RedisError

from accounts.storage.connections import blocking_redis, redis

TOLD, ASKED = "tool-calls:told", "tool-calls:asked"
LISTEN_SECONDS = 5.0

logger = logging.getLogger(__name__)


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """A call is so far: from 0 to 1, or None where that cannot be told, and in words."""

    call: str
    fraction: float | None
    words: str


class Over(msgspec.Struct, frozen=True, tag="over"):
    """A call is over."""

    call: str


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """A call is not wanted any more."""

    call: str


Message = Progress | Over | Cancel

_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


async def tell(message: Progress | Over) -> None:
    """Tell those who wait; whoever does not hear of an end finds it at their next look."""
    try:
        await redis().publish(TOLD, msgspec.json.encode(message))
    except RedisError:
        logger.warning("The news of call %s is not heard, Redis does not answer.", message.call)


def ask(messages: Iterable[Cancel]) -> None:
    """Ask the workers, from code that is not async; one that does not hear it finds it with its next sign of life."""
    try:
        for message in messages:
            blocking_redis().publish(ASKED, msgspec.json.encode(message))
    except RedisError:
        logger.warning("Workers find out some seconds later which calls are cancelled: Redis does not answer.")


async def heard(channel: str) -> AsyncIterator[Message | None]:
    """The messages as they come; None with each new subscription, before which some may have been lost. Raises RedisError."""
    async with redis().pubsub() as pushed:
        await pushed.subscribe(channel)
        while True:
            found: Any = await pushed.get_message(timeout=LISTEN_SECONDS)
            if found and found["type"] == "subscribe":
                yield None
            elif found and (message := _read(found["data"])):
                yield message


def _read(data: bytes) -> Message | None:
    try:
        return _decoder.decode(data)
    except msgspec.MsgspecError as error:
        logger.warning("A message about a long call is not understood: %s", error)
        return None
