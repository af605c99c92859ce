"""Checks of the services that settings name instead of Galaxy's own: whether each can be used, why not, and the remedy."""

import asyncio
import secrets
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from galaxy.configuration import service_addresses
from galaxy.configuration.environment import Environment
from galaxy.configuration.service_addresses import Address
from galaxy.services import connection_errors
from galaxy.services import mqtt as broker
from galaxy.services.connection_errors import Unusable, in_plain_words
from galaxy.services.supervision.part import NotReadyError

WITHIN = 5.0
LET_THROUGH = "Correct the address, or open the network between this machine and it."
OLDEST_POSTGRES = 16
SHARED = Unusable(
    "it is behind a pooler that shares sessions (transaction mode)",
    "Set its pool_mode to session, or name the server itself in DATABASE_URL.",
)
ABILITIES = """
    SELECT current_setting('server_version_num')::int / 10000,
           pg_is_in_recovery(),
           coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
           EXISTS (SELECT FROM pg_extension WHERE extname = 'vector'),
           EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')
"""
# Commands that Galaxy needs from Redis, actually run: a server may be full, read-only, or forbid some to this user.
TRIED = (
    ("SET", "galaxy:tried", "1", "EX", "10"),
    ("XADD", "galaxy:tried:log", "MAXLEN", "1", "*", "d", "1"),
    ("EVAL", "return 1", "0"),
    ("PUBLISH", "galaxy:tried", "1"),
    ("DEL", "galaxy:tried", "galaxy:tried:log"),
)


async def ask(environment: Environment) -> dict[str, Unusable | None]:
    """Check every service that a setting names, by that setting; None for one that can be used."""
    asked = {name: ask_one(url) for name, (url, ask_one) in _named(environment).items() if url}
    return dict(zip(asked, await asyncio.gather(*asked.values()), strict=True))


def _named(environment: Environment) -> dict[str, tuple[str, Callable[[str], Awaitable[Unusable | None]]]]:
    return {
        "DATABASE_URL": (environment.database_url, _database),
        "REDIS_URL": (environment.redis_url, _redis),
        "MQTT_URL": (environment.mqtt_url, _mqtt),
    }


async def _database(url: str) -> Unusable | None:
    given = service_addresses.database(url)
    address = service_addresses.database_address(given)
    if address and (unreachable := await _reach(address)):
        return unreachable
    try:
        async with await _connected(given) as connection, await _connected(given) as other:
            return await _lacks(connection) or await _shares_sessions(connection, other)
    except psycopg.Error as error:
        return in_plain_words(error, connection_errors.DATABASE, secret=given.get("password", ""))


async def _connected(given: dict[str, Any]) -> psycopg.AsyncConnection[Any]:
    return await psycopg.AsyncConnection.connect(**given | {"connect_timeout": round(WITHIN)}, autocommit=True)


async def _shares_sessions(connection: psycopg.AsyncConnection[Any], other: psycopg.AsyncConnection[Any]) -> Unusable | None:
    """Detect a pooler that shares sessions: session locks and settings would reach other clients.

    A session setting is lost as soon as another client's transaction takes the session.
    """
    mark = secrets.token_hex(8)
    try:
        async with asyncio.timeout(WITHIN):
            await connection.execute("SELECT set_config('galaxy.session', %s, false)", [mark])
            async with other.transaction():
                await other.execute("SELECT 1")
                ((kept,),) = await (await connection.execute("SELECT current_setting('galaxy.session', true)")).fetchall()
    except TimeoutError:  # a pool with one session waits for the other's transaction
        kept = None
    return None if kept == mark else SHARED


async def _lacks(connection: psycopg.AsyncConnection[Any]) -> Unusable | None:
    """Find out what a connected database lacks."""
    ((version, is_standby, makes_tables, has_vector, offers_vector),) = await (await connection.execute(ABILITIES)).fetchall()
    if version < OLDEST_POSTGRES:
        return Unusable(f"the server is PostgreSQL {version}", f"Galaxy needs {OLDEST_POSTGRES} or later.")
    if is_standby:
        return Unusable("the server is a standby, which refuses writes", "Name the primary in DATABASE_URL.")
    if not makes_tables:
        return Unusable("this user may not create tables", "Make the user the owner of the database.")
    if not has_vector and not offers_vector:
        return Unusable("the server does not have pgvector", "Install it there (https://github.com/pgvector/pgvector).")
    return None if has_vector else await _cannot_make_vector(connection)


async def _cannot_make_vector(connection: psycopg.AsyncConnection[Any]) -> Unusable | None:
    """Try it and roll back: the right to create tables is not enough, especially on managed servers."""
    try:
        async with connection.transaction(force_rollback=True):
            await connection.execute("CREATE EXTENSION vector")
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFile, psycopg.errors.FeatureNotSupported):
        return Unusable(
            "pgvector is not enabled, and this user may not enable it", "Let its administrator run CREATE EXTENSION vector."
        )
    return None


async def _redis(url: str) -> Unusable | None:
    if unreachable := await _reach(service_addresses.redis(url)):
        return unreachable
    once = Retry(NoBackoff(), 0)
    try:
        async with Redis.from_url(url, socket_timeout=WITHIN, socket_connect_timeout=WITHIN, retry=once) as client:
            for command in TRIED:
                await client.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
    except (RedisError, OSError, TypeError) as error:  # TypeError: an unknown option in the URL
        return in_plain_words(error, connection_errors.REDIS)
    return None


async def _mqtt(url: str) -> Unusable | None:
    if unreachable := await _reach(service_addresses.mqtt(url).address):
        return unreachable
    try:
        await asyncio.wait_for(broker.ping(url), WITHIN)
    except (NotReadyError, OSError) as error:
        return in_plain_words(error, connection_errors.MQTT)
    return None


async def _reach(address: Address) -> Unusable | None:
    """Explain why no connection is possible, before anything is sent over it."""
    try:
        await asyncio.wait_for(_knock(address), WITHIN)
    except socket.gaierror:
        return Unusable(f"the host {address.host} is unknown", "Correct its name, or wait until DNS knows it.")
    except (ConnectionRefusedError, FileNotFoundError):
        return Unusable(f"nothing listens on {address}", "Start the service, or correct the address.")
    except TimeoutError:
        return Unusable(f"{address} does not answer", LET_THROUGH)
    except OSError as error:
        return Unusable(f"{address} cannot be reached ({error.strerror})", LET_THROUGH)
    return None


async def _knock(address: Address) -> None:
    if address.socket:
        _, writer = await asyncio.open_unix_connection(address.socket)
    else:
        _, writer = await asyncio.open_connection(address.host, address.port)
    writer.close()
