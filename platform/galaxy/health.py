"""Health: `/healthz` answers while the process lives, `/readyz` reports each part, with 503 if a needed one is down."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

import embeddings
from accounts.audit import anchors, chain
from accounts.storage.connections import in_database, redis
from chat import catalogue
from chat.catalogue import health
from chat.log.stream import RUNNER_ALIVE
from galaxy.services import mqtt
from galaxy.services.supervision.part import NotReadyError
from galaxy.serving.liveness import WORKER_ALIVE, is_stopping

WITHIN = 2.0
FRESH_SECONDS = 1.0

Check = Callable[[], Awaitable[dict[str, Any] | None]]


@csrf_exempt  # a POST should learn that it is not allowed, not that a token is missing
@never_cache
@require_safe
async def alive(_: HttpRequest) -> HttpResponse:
    """Answer while the event loop runs."""
    return JsonResponse({"status": "up"})


@csrf_exempt
@never_cache
@require_safe
async def ready(_: HttpRequest) -> HttpResponse:
    """Report every part's state, at most a second old. A process that is stopping is not ready, whatever its parts report."""
    if is_stopping():
        return JsonResponse({"status": "stopping", "parts": {}}, status=503)
    parts = await _latest.parts()
    down = {name for name, part in parts.items() if part["status"] == "down"}
    status = "down" if down & NEEDED else "degraded" if down else "up"
    return JsonResponse({"status": status, "parts": parts}, status=503 if down & NEEDED else 200)


class _Latest:
    """The latest state of the parts, checked at most once a second however many requests ask."""

    def __init__(self) -> None:
        self._looking: asyncio.Task[dict[str, dict[str, Any]]] | None = None
        self._until = 0.0

    async def parts(self) -> dict[str, dict[str, Any]]:
        if self._looking is None or (self._looking.done() and time.monotonic() >= self._until):
            self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(self._looking)  # a client that hangs up must not cancel the check for the others

    async def _look(self) -> dict[str, dict[str, Any]]:
        """Check all parts in parallel, each within its time limit."""
        found = await asyncio.gather(*map(_ask, CHECKS.values()))
        self._until = time.monotonic() + FRESH_SECONDS
        return dict(zip(CHECKS, found, strict=True))


_latest = _Latest()


async def _ask(check: Check) -> dict[str, Any]:
    """Check one part. Its error is not passed on, because it may contain addresses."""
    began = time.perf_counter()
    try:
        found = {"status": "up"} | (await asyncio.wait_for(check(), WITHIN) or {})
    except (DatabaseError, RedisError, NotReadyError, embeddings.CannotEmbed, OSError):  # TimeoutError is an OSError
        found = {"status": "down"}
    return found | {"ms": round((time.perf_counter() - began) * 1000, 1)}


async def _database() -> None:
    await in_database(_select)


def _select() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


async def _redis() -> None:
    await redis().ping()


async def _runner() -> None:
    await _is_there(RUNNER_ALIVE)


async def _worker() -> None:
    await _is_there(WORKER_ALIVE)


async def _is_there(key: str) -> None:
    if not await redis().exists(key):
        raise NotReadyError("No process has refreshed its key.")


async def _audit() -> None:
    """Check quickly that the chain's head is there and that nothing was cut from its end."""
    if not await in_database(_audit_is_sound):
        raise NotReadyError("Run: manage.py audit verify")


def _audit_is_sound() -> bool:
    newest = anchors.newest()  # first: the chain can only have grown since then
    return chain.is_sound(newest)


async def _mqtt() -> None:
    await mqtt.ping(settings.MQTT_URL)


async def _embedder() -> dict[str, Any]:
    """Ask the embedder for its state, which does not wake it. Galaxy works without it: tools are then found by words alone."""
    told = await embeddings.state()
    return {"status": "down" if told.problem else "up" if told.awake else "asleep"}


async def _models() -> dict[str, Any]:
    """Count the models, and those that are down. Galaxy works without any, so it is not a failure to have none."""
    every = await catalogue.everywhere()
    down = sum(found.is_down for found in (await health.by_mark(every)).values())
    status = "none" if not every else "down" if down == len(every) else "up"
    return {"status": status, "count": len(every), "degraded": down}


# Parts without which no one gets an answer.
NEEDED = {"database", "redis", "runner"}
CHECKS: dict[str, Check] = {
    "database": _database,
    "redis": _redis,
    "runner": _runner,
    "worker": _worker,
    "mqtt": _mqtt,
    "models": _models,
    "embedder": _embedder,
    "audit": _audit,
}
