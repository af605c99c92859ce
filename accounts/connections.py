"""The connections of a process: Redis, one client an event loop, and database work on threads of its own."""

import asyncio
import contextvars
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, ParamSpec, TypeVar

import psycopg
from django.conf import settings
from django.db import connection
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

P = ParamSpec("P")
T = TypeVar("T")

DATABASE_THREADS = 8

_executor = ThreadPoolExecutor(DATABASE_THREADS, thread_name_prefix="database")
_clients: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Redis]" = weakref.WeakKeyDictionary()


def redis() -> Redis:
    """The running loop's Redis client. Commands that fail to connect are tried three times, then raise RedisError."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=10, retry=Retry(ExponentialBackoff(0.5, 0.05), 3)
        )
    return _clients[loop]


async def in_database(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run one unit of database work off the event loop.

    Django's own `sync_to_async` sends all work outside a request to one thread of the process, where a slow query holds up
    every socket, and inside a request keeps the connection until the response has ended, which for an event stream is long.
    Here each unit has a thread and gives its connection back to the pool when it is done: nobody holds one and waits for
    another.
    """
    context = contextvars.copy_context()  # who acts (accounts.audit) is known there, too
    unit = partial(_with_connection, work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_executor, context.run, unit)


@contextmanager
def binding_cursor() -> Iterator["psycopg.Cursor[Any]"]:
    """A cursor that sends parameters beside their statement, for long texts. Raises as Django's cursors do.

    Django's writes them into it, escaped byte by byte: for an answer of 3 MB all other threads, and so the loop, wait 13 ms
    at a stretch.
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
    """After a restart of PostgreSQL all pooled connections are dead: the first one found so empties the pool.

    The pool's own check takes them out one by one, with growing pauses, and a request finds none alive in its time.
    """
    connection.ensure_connection()
    try:
        connection.connection.execute("")  # an empty query: one round trip, no work
    except psycopg.OperationalError:
        connection.close()
        if connection.pool:  # type: ignore[attr-defined]  # django-stubs do not know the pool yet
            connection.pool.drain()  # type: ignore[attr-defined]
