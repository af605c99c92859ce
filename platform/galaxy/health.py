"""`/healthz`: this process lives. `/readyz`: each part, and 503 when a needed one is down."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from redis.exceptions import RedisError

from accounts.connections import in_database, redis
from galaxy.celery import ALIVE_KEY as WORKER_KEY
from galaxy.services import mqtt
from galaxy.services.part import NotReadyError

RUNNER_KEY = "runner:alive"
WITHIN = 2.0


@never_cache
async def alive(_: HttpRequest) -> HttpResponse:
    """Answers as long as the event loop turns."""
    return JsonResponse({"status": "up"})


@never_cache
async def ready(_: HttpRequest) -> HttpResponse:
    """Asks every part at the same time, each within its own limit."""
    names = list(CHECKS)
    found = await asyncio.gather(*(_ask(CHECKS[name]) for name in names))
    well = all(part["status"] == "up" for part in found)
    return JsonResponse(
        {"status": "up" if well else "down", "parts": dict(zip(names, found, strict=True))}, status=200 if well else 503
    )


async def _ask(check: Callable[[], Awaitable[None]]) -> dict[str, Any]:
    """How a part is. What it said is not passed on: it may hold addresses."""
    began = time.perf_counter()
    try:
        await asyncio.wait_for(check(), WITHIN)
    except (DatabaseError, RedisError, NotReadyError, OSError):  # TimeoutError is an OSError
        status = "down"
    else:
        status = "up"
    return {"status": status, "ms": round((time.perf_counter() - began) * 1000, 1)}


async def _database() -> None:
    await in_database(_select)


def _select() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


async def _redis() -> None:
    await redis().ping()


async def _runner() -> None:
    await _key_like(RUNNER_KEY)


async def _worker() -> None:
    await _key_like(WORKER_KEY)


async def _key_like(prefix: str) -> None:
    async for _ in redis().scan_iter(match=f"{prefix}:*", count=1000):
        return
    raise NotReadyError("No process keeps its key.")


async def _mqtt() -> None:
    await mqtt.ping(settings.MQTT_URL)


CHECKS: dict[str, Callable[[], Awaitable[None]]] = {
    "database": _database,
    "redis": _redis,
    "runner": _runner,
    "worker": _worker,
    "mqtt": _mqtt,
}
