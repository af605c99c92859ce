"""The services that a setting names instead of Galaxy's own: whether each can be used, and if not, why and what to do."""

import asyncio
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
ABILITIES = """
    SELECT current_setting('server_version_num')::int / 10000,
           pg_is_in_recovery(),
           coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
           EXISTS (SELECT FROM pg_extension WHERE extname = 'vector'),
           EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector'),
           has_database_privilege(current_database(), 'CREATE')
"""


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
        async with await psycopg.AsyncConnection.connect(**given | {"connect_timeout": round(WITHIN)}) as connection:
            return await _lacks(connection)
    except psycopg.Error as error:
        return in_plain_words(error, refusals.DATABASE, secret=given.get("password", ""))


async def _lacks(connection: psycopg.AsyncConnection[Any]) -> Unusable | None:
    """What a database that answers lacks."""
    ((version, is_standby, makes_tables, has_vector, offers_vector, makes_extensions),) = await (
        await connection.execute(ABILITIES)
    ).fetchall()
    if version < OLDEST_POSTGRES:
        return Unusable(f"the server is PostgreSQL {version}", f"Galaxy needs {OLDEST_POSTGRES} or later.")
    if is_standby:
        return Unusable("the server is a standby, which takes no writes", "Name the primary in DATABASE_URL.")
    if not makes_tables:
        return Unusable("this user may make no tables", "Make the user the owner of the database.")
    if not has_vector and not offers_vector:
        return Unusable("the server has no pgvector", "Install it there (https://github.com/pgvector/pgvector).")
    if not has_vector and not makes_extensions:
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
            await client.ping()
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
