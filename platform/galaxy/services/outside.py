"""The services that a setting names instead of Galaxy's own: whether each can be used, and if not, why and what to do."""

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

from galaxy.environment import Environment
from galaxy.services import addresses, refusals
from galaxy.services import mqtt as broker
from galaxy.services.addresses import Address
from galaxy.services.part import NotReadyError
from galaxy.services.refusals import Unusable, in_plain_words

WITHIN = 5.0
LET_THROUGH = "Correct the address, or let this machine through to it."
OLDEST_POSTGRES = 16
SHARED = Unusable(
    "a pooler stands before it that shares sessions (transaction mode)",
    "Set its pool_mode to session, or name the server itself in DATABASE_URL.",
)
ABILITIES = """
    SELECT current_setting('server_version_num')::int / 10000,
           pg_is_in_recovery(),
           coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
           EXISTS (SELECT FROM pg_extension WHERE extname = 'vector'),
           EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')
"""
# What Galaxy asks of Redis, tried for real: a server may be full, read-only, or keep commands from this user.
TRIED = (
    ("SET", "galaxy:tried", "1", "EX", "10"),
    ("XADD", "galaxy:tried:log", "MAXLEN", "1", "*", "d", "1"),
    ("EVAL", "return 1", "0"),
    ("PUBLISH", "galaxy:tried", "1"),
    ("DEL", "galaxy:tried", "galaxy:tried:log"),
)


async def ask(environment: Environment) -> dict[str, Unusable | None]:
    """Every service that a setting names, by that setting; None for one that can be used."""
    asked = {name: ask_one(url) for name, (url, ask_one) in _named(environment).items() if url}
    return dict(zip(asked, await asyncio.gather(*asked.values()), strict=True))


def _named(environment: Environment) -> dict[str, tuple[str, Callable[[str], Awaitable[Unusable | None]]]]:
    return {
        "DATABASE_URL": (environment.database_url, _database),
        "REDIS_URL": (environment.redis_url, _redis),
        "MQTT_URL": (environment.mqtt_url, _mqtt),
    }


async def _database(url: str) -> Unusable | None:
    given = addresses.database(url)
    address = addresses.database_address(given)
    if address and (unreachable := await _reach(address)):
        return unreachable
    try:
        async with await _connected(given) as connection, await _connected(given) as other:
            return await _lacks(connection) or await _shares_sessions(connection, other)
    except psycopg.Error as error:
        return in_plain_words(error, refusals.DATABASE, secret=given.get("password", ""))


async def _connected(given: dict[str, Any]) -> psycopg.AsyncConnection[Any]:
    return await psycopg.AsyncConnection.connect(**given | {"connect_timeout": round(WITHIN)}, autocommit=True)


async def _shares_sessions(connection: psycopg.AsyncConnection[Any], other: psycopg.AsyncConnection[Any]) -> Unusable | None:
    """Find a pooler that gives each transaction another session: locks and settings of a session would go to others.

    A setting of the session is lost as soon as the next transaction of another client takes the session away.
    """
    mark = secrets.token_hex(8)
    try:
        async with asyncio.timeout(WITHIN):
            await connection.execute("SELECT set_config('galaxy.session', %s, false)", [mark])
            async with other.transaction():
                await other.execute("SELECT 1")
                ((kept,),) = await (await connection.execute("SELECT current_setting('galaxy.session', true)")).fetchall()
    except TimeoutError:  # a pool of one session waits for the other's transaction
        kept = None
    return None if kept == mark else SHARED


async def _lacks(connection: psycopg.AsyncConnection[Any]) -> Unusable | None:
    """What a database that answers lacks."""
    ((version, is_standby, makes_tables, has_vector, offers_vector),) = await (await connection.execute(ABILITIES)).fetchall()
    if version < OLDEST_POSTGRES:
        return Unusable(f"the server is PostgreSQL {version}", f"Galaxy needs {OLDEST_POSTGRES} or later.")
    if is_standby:
        return Unusable("the server is a standby, which takes no writes", "Name the primary in DATABASE_URL.")
    if not makes_tables:
        return Unusable("this user may make no tables", "Make the user the owner of the database.")
    if not has_vector and not offers_vector:
        return Unusable("the server has no pgvector", "Install it there (https://github.com/pgvector/pgvector).")
    return None if has_vector else await _cannot_make_vector(connection)


async def _cannot_make_vector(connection: psycopg.AsyncConnection[Any]) -> Unusable | None:
    """Try it and take it back: the right to make tables does not tell, on managed servers least of all."""
    try:
        async with connection.transaction(force_rollback=True):
            await connection.execute("CREATE EXTENSION vector")
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFile, psycopg.errors.FeatureNotSupported):
        return Unusable(
            "pgvector is not switched on, and this user may not", "Let an operator run CREATE EXTENSION vector there."
        )
    return None


async def _redis(url: str) -> Unusable | None:
    if unreachable := await _reach(addresses.redis(url)):
        return unreachable
    once = Retry(NoBackoff(), 0)
    try:
        async with Redis.from_url(url, socket_timeout=WITHIN, socket_connect_timeout=WITHIN, retry=once) as client:
            for command in TRIED:
                await client.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
    except (RedisError, OSError, TypeError) as error:  # TypeError: an unknown option in the URL
        return in_plain_words(error, refusals.REDIS)
    return None


async def _mqtt(url: str) -> Unusable | None:
    if unreachable := await _reach(addresses.mqtt(url).address):
        return unreachable
    try:
        await asyncio.wait_for(broker.ping(url), WITHIN)
    except (NotReadyError, OSError) as error:
        return in_plain_words(error, refusals.MQTT)
    return None


async def _reach(address: Address) -> Unusable | None:
    """Why no connection comes about. What is said over it is the next question."""
    try:
        await asyncio.wait_for(_knock(address), WITHIN)
    except socket.gaierror:
        return Unusable(f"the host {address.host} is unknown", "Correct its name, or wait until it is known.")
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
