"""Hints for the operator: what the portal notices while it runs and `manage.py doctor` reports, one line a cause, in Redis."""

import logging
from typing import Any

from redis.exceptions import RedisError

from accounts.storage.connections import blocking_redis

# The keys of the hints. `galaxy.doctor.hinted` has the words for each.
GROUPS_CLAIM = "doctor:groups-claim"  # the claim that was absent at the last sign-in, or could not be read
NO_UPGRADE = "doctor:no-upgrade"  # a page whose requests pass and whose socket does not
FOREIGN_ORIGIN = "doctor:foreign-origin"  # why a socket was refused
MODELS_DOWN = "doctor:models-down"  # the models that do not answer, each with the reason
KEPT_SECONDS = 24 * 3600
LONGEST = 300

logger = logging.getLogger(__name__)


def leave(key: str, words: str, *, seconds: int = KEPT_SECONDS) -> None:
    """Keep the hint; a newer one takes its place."""
    shown = "".join(filter(str.isprintable, words))[:LONGEST]
    try:
        blocking_redis().set(key, shown, ex=seconds)
    except RedisError as error:
        logger.warning("A hint for the doctor is not kept, Redis does not answer: %s", error)


def kept(key: str) -> str:
    """The hint; empty where there is none. Raises RedisError."""
    value: Any = blocking_redis().get(key)
    return value.decode() if value else ""


def clear(key: str) -> None:
    """Forget the hint: its cause is gone."""
    try:
        blocking_redis().delete(key)
    except RedisError as error:
        logger.warning("A hint for the doctor stays, Redis does not answer: %s", error)
