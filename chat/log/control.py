"""Messages to runners while they work, typed, on one channel. Each is a hint: the database has it, too.

A run that was decided is not among them: it is held by no one, queued, and woken like any other (`stream.wake`). Nor are
changed rights: `accounts.access.rights_changes` tells of those to web and runner processes alike, and knows no runs.
"""

import logging
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
from redis.exceptions import RedisError

from accounts.storage.connections import redis

CHANNEL = "runs:control"
LISTEN_SECONDS = 5.0

logger = logging.getLogger(__name__)


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """The run was stopped by a person."""

    run_id: UUID


Message = Stop  # a union as soon as there are two: they tell themselves apart by their tag

_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


async def tell(message: Message) -> None:
    """Tell the runners; one that does not hear it finds it in the database, at its next look."""
    try:
        await redis().publish(CHANNEL, msgspec.json.encode(message))
    except RedisError:
        logger.warning("Runners find it out at their next look, Redis does not answer: %s", message)


async def heard() -> AsyncIterator[Message]:
    """The messages as they come; those of another version are passed over. Raises RedisError."""
    async with redis().pubsub() as pushed:
        await pushed.subscribe(CHANNEL)
        while True:
            found: Any = await pushed.get_message(ignore_subscribe_messages=True, timeout=LISTEN_SECONDS)
            if found and (message := _read(found["data"])):
                yield message


def _read(data: bytes) -> Message | None:
    try:
        return _decoder.decode(data)
    except msgspec.MsgspecError as error:
        logger.warning("A message to the runners is not understood: %s", error)
        return None
