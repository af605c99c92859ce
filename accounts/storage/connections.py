"""Connections of a process: one Redis client for each event loop, and database work on its own threads."""

import asyncio
import contextvars
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from typing import Any, ParamSpec, TypeVar

import psycopg
from django.conf import settings
from django.db import connection, connections, transaction
from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

P = ParamSpec("P")
T = TypeVar("T")

DATABASE_THREADS = 8

_executor = ThreadPoolExecutor(DATABASE_THREADS, thread_name_prefix="database")
_clients: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Redis]" = weakref.WeakKeyDictionary()


def redis() -> Redis:
    """Return the running loop's Redis client. Commands that cannot connect are tried three times, then raise RedisError."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=10, retry=Retry(ExponentialBackoff(0.5, 0.05), 3)
        )
    return _clients[loop]


@cache
def blocking_redis() -> BlockingRedis:
    """The process's Redis client for code that is not async: one short command, and no waiting for a Redis that is away."""
    return BlockingRedis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2)


def after_commit(work: Callable[[], object]) -> None:
    """Do it when the transaction that is open here is committed; at once where none is.

    Asks only connections that are there: each task of an event loop would be given one, for as long as it lives.
    """
    if any(known.in_atomic_block for known in connections.all(initialized_only=True)):
        transaction.on_commit(work, robust=True)
    else:
        work()


async def in_database(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run one unit of database work off the event loop.

    Outside a request, Django's own `sync_to_async` sends all work to one thread of the process, where a slow query delays every
    socket. Inside a request it keeps the connection until the response has ended, which is long for an event stream. Here each
    unit has a thread and returns its connection to the pool at its end: no unit keeps one while it waits for another.
    """
    context = contextvars.copy_context()  # the thread knows the actor (accounts.audit), too
    unit = partial(_with_connection, work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_executor, context.run, unit)


@contextmanager
def binding_cursor() -> Iterator["psycopg.Cursor[Any]"]:
    """Return a cursor that sends parameters separately from the statement, for long texts. Raises as Django's cursors do.

    Django's cursors write them into the statement, escaped byte by byte: for an answer of 3 MB, all other threads and the event
    loop wait 13 ms.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        yield cursor


def _with_connection(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        _ensure_alive()
        return work(*args, **kwargs)
    finally:
        connection.close()


def _ensure_alive() -> None:
    """Empty the pool when its first connection is dead, as all are after a restart of PostgreSQL.

    The pool's own check removes them one by one, with growing pauses, and a request times out before one works.
    """
    connection.ensure_connection()
    try:
        connection.connection.execute("")  # an empty query: one round trip, no work
    except psycopg.OperationalError:
        connection.close()
        if connection.pool:  # type: ignore[attr-defined]  # django-stubs do not know the pool yet
            connection.pool.drain()  # type: ignore[attr-defined]
