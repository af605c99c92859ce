"""The models that runners found, each machine's apart, merged for every process that reads.

A machine whose runners are gone is forgotten after a minute. A model at an address that only its own machine reaches is
offered everywhere, and answered there (`elsewhere`).
"""

import logging
import socket
import time
import urllib.parse
from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec
from django.conf import settings
from redis.exceptions import RedisError

from accounts.storage.connections import redis
from chat.providers.known.found import Found
from chat.providers.own_network import is_loopback

MACHINES = "catalogue:machines"
FRESH_SECONDS = 1.0
KEPT_SECONDS = 60

logger = logging.getLogger(__name__)


@cache
def machine() -> str:
    """The name of this machine: processes that share a data folder are of one."""
    return f"{socket.gethostname()}:{settings.PLACES.data}"


class FoundModels:
    """The models that all machines published last, read from Redis at most once a second."""

    def __init__(self) -> None:
        self._models: list[Found] = []
        self._elsewhere: set[str] = set()
        self._until = 0.0

    async def read(self) -> list[Found]:
        """The models, this machine's first, each name once. Without Redis the last known."""
        now = time.monotonic()
        if now >= self._until:
            self._until = now + FRESH_SECONDS
            try:
                self._take(await _of_machines())
            except RedisError as error:
                logger.warning("The models found cannot be read, the last known stay: %s", error)
        return self._models

    async def elsewhere(self) -> set[str]:
        """The names of the models that only another machine reaches."""
        await self.read()
        return self._elsewhere

    def forget(self) -> None:
        """Read anew at the next question."""
        self._until = 0.0

    def _take(self, by_machine: dict[str, list[Found]]) -> None:
        merged: dict[str, tuple[str, Found]] = {}
        for name, models in sorted(by_machine.items(), key=lambda pair: pair[0] != machine()):
            for model in models:
                merged.setdefault(model.name, (name, model))
        self._models = [model for _, model in merged.values()]
        self._elsewhere = {model.name for name, model in merged.values() if name != machine() and _is_bound(model)}


async def publish(found: Iterable[Found]) -> None:
    """Make these the models that this machine found. Raises RedisError."""
    pipeline = redis().pipeline(transaction=False)
    pipeline.sadd(MACHINES, machine())
    pipeline.set(_key(machine()), msgspec.json.encode(list(found)), ex=KEPT_SECONDS)
    await pipeline.execute()


async def _of_machines() -> dict[str, list[Found]]:
    members: set[Any] = await redis().smembers(MACHINES)
    names = sorted(name.decode() for name in members)
    values = await redis().mget(map(_key, names)) if names else []
    if gone := [name for name, value in zip(names, values, strict=True) if value is None]:
        await redis().srem(MACHINES, *gone)
    return {name: msgspec.json.decode(value, type=list[Found]) for name, value in zip(names, values, strict=True) if value}


def _key(name: str) -> str:
    return f"catalogue:found:{name}"


def _is_bound(model: Found) -> bool:
    host = urllib.parse.urlsplit(model.base_url).hostname or ""
    return is_loopback(host)
