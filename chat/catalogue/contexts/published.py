"""Facts of models from their servers, in Redis: a runner asks, every process reads."""

import logging
from collections.abc import Iterable
from typing import Any

import msgspec
from redis.exceptions import RedisError

from accounts.storage.connections import redis
from chat.catalogue.health.state import mark_of
from chat.providers.base import ModelConfig
from chat.providers.known.told_facts import ServerFacts

KEPT_SECONDS = 24 * 3600
NOTHING = ServerFacts()

logger = logging.getLogger(__name__)
_decoder = msgspec.json.Decoder(ServerFacts)


async def read(models: Iterable[ModelConfig]) -> dict[str, ServerFacts]:
    """The facts by the models' marks. Without Redis nothing is known."""
    marks = list(dict.fromkeys(map(mark_of, models)))
    try:
        values: Any = await redis().mget([_key(mark) for mark in marks]) if marks else []
    except RedisError as error:
        logger.warning("The facts of models from their servers are not known, because Redis does not answer: %s", error)
        return {}
    return {mark: _read(value) for mark, value in zip(marks, values, strict=True) if value}


async def publish(model: ModelConfig, facts: ServerFacts) -> None:
    """Keep them for all processes. Raises RedisError."""
    await redis().set(_key(mark_of(model)), msgspec.json.encode(facts), ex=KEPT_SECONDS)


async def is_first(model: ModelConfig, seconds: int) -> bool:
    """Tell whether no runner has asked within these seconds, and note that this one does now. Raises RedisError."""
    return bool(await redis().set(f"{_key(mark_of(model))}:asked", 1, nx=True, ex=seconds))


async def ask_again_in(model: ModelConfig, seconds: int) -> None:
    """Let a runner ask sooner than usual, as nothing was learned. Raises RedisError."""
    await redis().expire(f"{_key(mark_of(model))}:asked", seconds)


def _read(value: bytes) -> ServerFacts:
    try:
        return _decoder.decode(value)
    except msgspec.MsgspecError:  # written by another version of Galaxy
        return NOTHING


def _key(mark: str) -> str:
    return f"catalogue:facts:{mark}"
