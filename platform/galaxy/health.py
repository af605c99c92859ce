"""`/healthz`: this process lives. `/readyz`: each part, and 503 when a needed one is down."""

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

from accounts.connections import in_database, redis
from chat import catalogue
from chat.log.stream import RUNNER_ALIVE
from galaxy.liveness import WORKER_ALIVE
from galaxy.services import mqtt
from galaxy.services.part import NotReadyError

WITHIN = 2.0

Check = Callable[[], Awaitable[dict[str, Any] | None]]


@csrf_exempt  # a POST is to hear that it is not allowed, not that a token is missing
@never_cache
@require_safe
async def alive(_: HttpRequest) -> HttpResponse:
    """Answers as long as the event loop turns."""
    return JsonResponse({"status": "up"})


@csrf_exempt
@never_cache
@require_safe
async def ready(_: HttpRequest) -> HttpResponse:
    """Asks every part at the same time, each within its own limit."""
    found = await asyncio.gather(*map(_ask, CHECKS.values()))
    parts = dict(zip(CHECKS, found, strict=True))
    down = {name for name, part in parts.items() if part["status"] == "down"}
    status = "down" if down & NEEDED else "degraded" if down else "up"
    return JsonResponse({"status": status, "parts": parts}, status=503 if down & NEEDED else 200)


async def _ask(check: Check) -> dict[str, Any]:
    """How a part is. What it said is not passed on: it may hold addresses."""
    began = time.perf_counter()
    try:
        found = {"status": "up"} | (await asyncio.wait_for(check(), WITHIN) or {})
    except (DatabaseError, RedisError, NotReadyError, OSError):  # TimeoutError is an OSError
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
        raise NotReadyError("No process keeps its key.")


async def _mqtt() -> None:
    await mqtt.ping(settings.MQTT_URL)


async def _models() -> dict[str, Any]:
    """How many there are. Galaxy works without one, so having none is no failure."""
    count = len(await catalogue.models())
    return {"status": "up" if count else "none", "count": count}


# Without these nobody gets an answer.
NEEDED = {"database", "redis", "runner"}
CHECKS: dict[str, Check] = {
    "database": _database,
    "redis": _redis,
    "runner": _runner,
    "worker": _worker,
    "mqtt": _mqtt,
    "models": _models,
}
