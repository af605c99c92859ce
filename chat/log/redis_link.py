"""A bare connection to Redis for the path of a chunk: hiredis's packer and parser on an asyncio transport.

redis-py's asyncio client spends some 90 us on a command; this spends a tenth of that. It knows pipelines of commands and
pushed messages, nothing else; everything off the path of a chunk uses `accounts.storage.connections.redis`.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any, Self

import hiredis
from redis.asyncio.connection import SSLConnection, UnixDomainSocketConnection, parse_url
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 5.0
LOOK_EVERY = 1.0
# A message pushed to a subscriber comes as an array that begins with this word (RESP2).
MESSAGE = b"message"

Command = tuple[Any, ...]


class _Pending:
    """A pipeline that was sent: how many answers are still to come, and who waits for them."""

    def __init__(self, count: int, done: asyncio.Future[list[Any]], sent_at: float) -> None:
        self.left = count
        self.sent_at = sent_at
        self.answers: list[Any] = []
        self.done = done


class Link(asyncio.Protocol):
    """One connection. When it breaks, everything that waits for an answer gets a RedisError; make a new one then."""

    def __init__(self, on_message: Callable[[bytes, bytes], None] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[None] = self._loop.create_future()
        self._on_message = on_message
        self._parser = hiredis.Reader(replyError=ResponseError)
        self._pending: deque[_Pending] = deque()
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def connect(cls, url: str, *, on_message: Callable[[bytes, bytes], None] | None = None) -> Self:
        """A connection that has signed in and chosen its database. Raises RedisError."""
        options: dict[str, Any] = dict(parse_url(url))
        link = cls(on_message)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await _open(link, options)
                await link._greet(options)
        except (OSError, TimeoutError) as error:
            link.close()
            raise RedisConnectionError(f"Redis cannot be reached: {error}") from error
        return link

    def _look(self) -> None:
        """Give up a connection whose answers are overdue. One timer for all: a timer a command would cost more than it."""
        if self._pending and self._loop.time() - self._pending[0].sent_at > ANSWER_SECONDS:
            self.close()
        elif not self.closed.done():
            self._loop.call_later(LOOK_EVERY, self._look)

    def send(self, commands: list[Command]) -> asyncio.Future[list[Any]]:
        """Send commands together. Gives their answers; an error that Redis gives for one stands in its place."""
        done: asyncio.Future[list[Any]] = self._loop.create_future()
        if self._transport is None or self.closed.done():
            done.set_exception(RedisConnectionError("The connection to Redis is closed."))
            return done
        self._pending.append(_Pending(len(commands), done, self._loop.time()))
        self._transport.write(b"".join([hiredis.pack_command(command) for command in commands]))
        return done

    def close(self) -> None:
        """Close the connection."""
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The transport is there."""
        self._loop.call_later(LOOK_EVERY, self._look)
        self._transport = transport  # type: ignore[assignment]  # uvloop's transports do not inherit from asyncio's

    def data_received(self, data: bytes) -> None:
        """Bytes came: answers in the order of the commands, and messages in between."""
        self._parser.feed(data)
        while (answer := self._parser.gets()) is not False:
            if self._on_message and type(answer) is list and answer and answer[0] == MESSAGE:
                self._on_message(answer[1], answer[2])
            elif self._pending:
                self._take(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection broke or was closed."""
        error = RedisConnectionError(f"The connection to Redis broke: {exc or 'closed'}")
        for pending in self._pending:
            if not pending.done.done():
                pending.done.set_exception(error)
        self._pending.clear()
        if not self.closed.done():
            self.closed.set_result(None)

    def _take(self, answer: Any) -> None:
        pending = self._pending[0]
        pending.answers.append(answer)
        pending.left -= 1
        if not pending.left:
            self._pending.popleft()
            if not pending.done.done():
                pending.done.set_result(pending.answers)

    async def _greet(self, options: dict[str, Any]) -> None:
        commands: list[Command] = []
        if password := options.get("password"):
            # With the name, as redis-py does: a server without a password then takes any, and refuses the short form.
            commands.append(("AUTH", options.get("username") or "default", password))
        if database := options.get("db"):
            commands.append(("SELECT", database))
        for answer in await self.send(commands) if commands else []:
            if isinstance(answer, RedisError):
                raise answer


async def _open(link: Link, options: dict[str, Any]) -> None:
    loop = asyncio.get_running_loop()
    if options.get("connection_class") is UnixDomainSocketConnection:
        await loop.create_unix_connection(lambda: link, options["path"])
        return
    secure = _tls(options) if options.get("connection_class") is SSLConnection else None
    await loop.create_connection(lambda: link, options.get("host", "localhost"), options.get("port", 6379), ssl=secure)


def _tls(options: dict[str, Any]) -> ssl.SSLContext:
    """As redis-py makes it of the same options of the URL."""
    context = ssl.create_default_context(cafile=options.get("ssl_ca_certs"))
    if options.get("ssl_check_hostname") in (False, "false", "False") or options.get("ssl_cert_reqs") == "none":
        context.check_hostname = False
    if options.get("ssl_cert_reqs") == "none":
        context.verify_mode = ssl.CERT_NONE
    if options.get("ssl_certfile"):
        context.load_cert_chain(options["ssl_certfile"], options.get("ssl_keyfile"))
    return context
