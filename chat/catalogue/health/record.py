"""The health of models in Redis, shared by all processes. Without Redis, every model is asked."""

import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from django.conf import settings
from redis.exceptions import RedisError

from accounts.storage.connections import blocking_redis, redis
from chat.access import notices
from chat.catalogue.health.state import OPENS_AT, WITHIN_SECONDS, Health, after_failure, mark_of, state_of
from chat.providers.base import HeldBack, ModelConfig, ProviderError

KEPT_SECONDS = 24 * 3600
TRIAL_SECONDS = 30  # within which the one question that tries a model again must have its first word

logger = logging.getLogger(__name__)
_decoder = msgspec.json.Decoder(Health)
UNTRIED = Health()


async def known(models: Iterable[ModelConfig]) -> dict[str, Health]:
    """The health of these models, by their names. An alias has that of its healthiest member."""
    every = list(models)
    return _by_name(every, await by_mark(every))


async def by_mark(models: Iterable[ModelConfig]) -> dict[str, Health]:
    """The health of these models and of the members of aliases, by their marks, as names are unique only within a tenant."""
    marks = _marks(models)
    try:
        values: Any = await redis().mget(map(_key, marks)) if marks and is_watched() else []
    except RedisError as error:
        logger.warning("The health of the models is not known, Redis does not answer: %s", error)
        values = []
    return dict(zip(marks, map(_read, values), strict=False))


def known_now(models: Iterable[ModelConfig]) -> dict[str, Health]:
    """The health of these models by their names, for code that is not async."""
    every = list(models)
    marks = _marks(every)
    try:
        values: Any = blocking_redis().mget(map(_key, marks)) if marks and is_watched() else []
    except RedisError as error:
        logger.warning("The health of the models is not known, Redis does not answer: %s", error)
        values = []
    return _by_name(every, dict(zip(marks, map(_read, values), strict=False)))


def is_watched() -> bool:
    """Tell whether the outcomes of answers are noted at all (`MODEL_HEALTH`)."""
    return bool(settings.ENVIRONMENT.model_health != "off")


async def admitted(model: ModelConfig) -> Health:
    """Admit a question to the model, and give the model's health. Raises HeldBack while it is down.

    Once the wait is over, one question at a time is let through to try the model again.
    """
    health = (await known([model]))[model.name]
    if health.is_down and (time.time() < health.held_until or not await _is_first(model)):
        wait = max(1.0, health.held_until - time.time())
        raise HeldBack(
            f"{health.reason} Questions to “{model.name}” are held back until it answers again.", retry_after=round(wait, 1)
        )
    return health


async def answered(model: ModelConfig, before: Health) -> None:
    """Note that the model has begun to answer."""
    if is_watched() and (before.state != "well" or before.failures):
        await _note(model, Health("well", since=time.time(), asked_at=time.time()), before)


async def failed(model: ModelConfig, before: Health, error: ProviderError, *, opens: bool = False) -> None:
    """Note that the model failed before its first word. `opens`: this failure alone opens the circuit breaker."""
    state = state_of(error)
    if state and is_watched():
        count = OPENS_AT if opens else await _count(model)
        await _note(model, after_failure(before, error, state, time.time(), opens=count >= OPENS_AT), before)


async def _count(model: ModelConfig) -> int:
    """Count one more failure in a row, for all processes together."""
    key = f"{_key(mark_of(model))}:failures"
    try:
        pipeline = redis().pipeline(transaction=False)
        pipeline.incr(key)
        pipeline.expire(key, WITHIN_SECONDS)
        count, _ = await pipeline.execute()
    except RedisError:
        return 0
    return int(count)


async def _note(model: ModelConfig, health: Health, before: Health) -> None:
    key, pipeline = _key(mark_of(model)), redis().pipeline(transaction=False)
    pipeline.set(key, msgspec.json.encode(health), ex=KEPT_SECONDS)
    pipeline.delete(f"{key}:trial", *([f"{key}:failures"] if health.state == "well" and not health.failures else []))
    try:
        await pipeline.execute()
    except RedisError as error:
        logger.warning("The health of %s is not noted, Redis does not answer: %s", model.name, error)
        return
    if health.is_down != before.is_down or (health.is_down and health.state != before.state):
        logger.warning("%s: %s", model.name, health.reason or "answers again.")
        notices.models_changed()


async def _is_first(model: ModelConfig) -> bool:
    try:
        return bool(await redis().set(f"{_key(mark_of(model))}:trial", 1, nx=True, ex=TRIAL_SECONDS))
    except RedisError:
        return True


def _marks(models: Iterable[ModelConfig]) -> list[str]:
    return list(dict.fromkeys(mark_of(one) for model in models for one in (model.members or (model,))))


def _by_name(models: list[ModelConfig], found: Mapping[str, Health]) -> dict[str, Health]:
    return {model.name: _best([found.get(mark_of(one), UNTRIED) for one in model.members or (model,)]) for model in models}


def _best(members: list[Health]) -> Health:
    return next((health for health in members if not health.is_down), members[0])


def _read(value: bytes | None) -> Health:
    try:
        return _decoder.decode(value) if value else UNTRIED
    except msgspec.MsgspecError:  # written by another version of Galaxy
        return UNTRIED


def _key(mark: str) -> str:
    return f"catalogue:health:{mark}"
