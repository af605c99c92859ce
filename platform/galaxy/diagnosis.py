"""What `doctor` looks at. Each function gives findings; one with a remedy is a problem."""

import os
import platform
import shutil
import stat
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from galaxy import checks
from galaxy.environment import Environment
from galaxy.places import Places
from galaxy.services import lock, mqtt, postgres, redis, unprivileged
from galaxy.services.listening import listen
from galaxy.services.part import CannotStartError, NotReadyError

OLDEST_PYTHON = (3, 11)
LEAST_SPACE = 1024**3


class Finding(NamedTuple):
    """Something looked at. `remedy` says what to do about it; empty when it is well."""

    text: str
    remedy: str = ""


async def examine(environment: Environment, places: Places) -> list[Finding]:
    """Everything, in the order in which it should be mended."""
    running = lock.is_held(places.lock)
    findings = [*_versions(environment), *_settings(), *_folders(places), *_secrets(places)]
    if running:
        findings.append(Finding(f"Galaxy runs (process {lock.holder(places.lock)})."))
    else:
        findings += _port(environment)
    findings += [finding async for finding in _services(environment, running=running)]
    return findings


def _versions(environment: Environment) -> Iterator[Finding]:
    python = platform.python_version()
    remedy = "" if sys.version_info >= OLDEST_PYTHON else "Install Python 3.11 or later."
    yield Finding(f"Python {python} on {platform.system()} {platform.machine()}", remedy)
    for url, find in ((environment.database_url, postgres.programs), (environment.redis_url, redis.program)):
        if not url:
            yield _found(find)
    if not environment.database_url:
        yield _user()


def _found(find: Callable[[], Path]) -> Finding:
    try:
        return Finding(f"Found {find()}")
    except CannotStartError as error:
        return Finding("A service's program is missing.", str(error))


def _user() -> Finding:
    try:
        user = unprivileged.owner_for(settings.PLACES.postgres)
        if user:
            unprivileged.prefix(user, postgres.programs() / "postgres", settings.PLACES.postgres)
    except CannotStartError as error:
        return Finding("PostgreSQL cannot run as this user.", str(error))
    return Finding(f"PostgreSQL runs as {user.pw_name}." if user else "PostgreSQL runs as you do.")


def _settings() -> Iterator[Finding]:
    found = checks.settings_make_sense()
    yield from (Finding(message.msg, message.hint or "See .env.example.") for message in found)
    if not found:
        yield Finding("The settings make sense.")


def _folders(places: Places) -> Iterator[Finding]:
    folder = next(path for path in (places.data, *places.data.parents) if path.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(f"{folder} cannot be written.", "Give it to the user who runs Galaxy, or set DATA_DIR to another folder.")
    free = shutil.disk_usage(folder).free
    remedy = "" if free >= LEAST_SPACE else "Make room: Galaxy needs 1 GB at least."
    yield Finding(f"{free / 1024**3:.1f} GB are free at {folder}.", remedy)


def _secrets(places: Places) -> Iterator[Finding]:
    if not places.secrets.is_dir():
        return
    try:
        paths = [places.secrets, *places.secrets.iterdir()]
        readable = [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]
    except PermissionError:
        yield Finding(f"{places.secrets} cannot be read.", "Start Galaxy as the user it belongs to.")
        return
    for path in readable:
        yield Finding(f"Others can read {path}.", f"chmod {'700' if path.is_dir() else '600'} {path}")
    if not readable:
        yield Finding("The generated secrets are private.")


def _port(environment: Environment) -> Iterator[Finding]:
    try:
        listen(environment.host, environment.port).close()
    except CannotStartError as error:
        yield Finding(f"The portal cannot listen on {environment.host}, port {environment.port}.", str(error))
    else:
        yield Finding(f"Port {environment.port} is free. Galaxy does not run: `make run` starts it.")


async def _services(environment: Environment, *, running: bool) -> AsyncIterator[Finding]:
    asked: tuple[tuple[str, str, Callable[[], Awaitable[None]]], ...] = (
        ("The database", environment.database_url, _ask_database),
        ("Redis", environment.redis_url, _ask_redis),
        ("The MQTT broker", environment.mqtt_url, lambda: mqtt.ping(settings.MQTT_URL)),
    )
    for name, url, ask in asked:
        if url or running:
            yield await _reach(name, url, ask)


async def _reach(name: str, url: str, ask: Callable[[], Awaitable[None]]) -> Finding:
    where = f" at {urlsplit(url).hostname}" if url else ""
    try:
        await ask()
    except (psycopg.Error, RedisError, NotReadyError, OSError) as error:
        reason = str(error).strip().partition("\n")[0]
        remedy = "Is it running, and are address and password right?" if url else "Look into its log file below DATA_DIR/logs."
        return Finding(f"{name}{where} does not answer: {reason}", remedy)
    return Finding(f"{name}{where} answers.")


async def _ask_database() -> None:
    given = settings.DATABASES["default"]
    connection = await psycopg.AsyncConnection.connect(
        host=given["HOST"],
        port=given["PORT"],
        dbname=given["NAME"],
        user=given["USER"],
        password=given["PASSWORD"],
        connect_timeout=3,
    )
    async with connection:
        await connection.execute("SELECT 1")


async def _ask_redis() -> None:
    async with Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3) as client:
        await client.ping()
