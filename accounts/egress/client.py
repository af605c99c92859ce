"""The client: makes a call, follows its redirects, enforces its limits and reports the result."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Unpack

import aiohttp
from multidict import CIMultiDictProxy

from accounts.egress import redirects
from accounts.egress.allow_list import AllowList
from accounts.egress.calls import Answer, Done, Options, Order
from accounts.egress.connector import GuardedConnector
from accounts.egress.errors import BadAddress, BadAnswer, EgressError, TooLarge, TooManyRedirects, TooSlow, Unreachable
from accounts.egress.guard import Guard, Resolve, by_system
from accounts.egress.redirects import Hop
from accounts.egress.targets import Place, origin_of
from accounts.egress.unpacking import ACCEPTED, Unpacker

CONNECT_SECONDS = 10.0
logger = logging.getLogger("accounts.egress")


class Client:
    """Calls out, with one pool of connections for public places and one for each place that the operator configured."""

    def __init__(self, allowed: AllowList, resolve: Resolve = by_system) -> None:
        self._allowed, self._resolve = allowed, resolve
        self._sessions: dict[frozenset[Place], aiohttp.ClientSession] = {}

    async def fetch(self, url: str, **options: Unpack[Options]) -> Answer:
        """Fetch the whole answer. Raises EgressError."""
        async with self.stream(url, **options) as incoming:
            body = b"".join([piece async for piece in incoming.pieces()])
        return Answer(incoming.status, incoming.headers, incoming.url, body)

    @asynccontextmanager
    async def stream(self, url: str, **options: Unpack[Options]) -> "AsyncIterator[Incoming]":
        """Stream the answer. Raises EgressError, also while it is read; time that the reader takes counts."""
        order = Order(**options)
        trip = _Trip(order)
        try:
            incoming = await self._arrive(url, trip)
            try:
                yield incoming
            finally:
                incoming.close()
            trip.outcome = "ok"
        except EgressError as error:
            trip.outcome = type(error).__name__
            raise
        finally:
            trip.report()

    async def close(self) -> None:
        """Close all connections, including those in use."""
        sessions = list(self._sessions.values())
        self._sessions.clear()
        for session in sessions:
            await session.close()

    async def _arrive(self, url: str, trip: "_Trip") -> "Incoming":
        """Follow all redirects and return the last answer."""
        hop: Hop | None = redirects.first(url, trip.order)
        trusted = frozenset((origin_of(hop.url).place,)) if hop and trip.order.by_operator else frozenset[Place]()
        while hop:
            with trip.in_our_words():
                async with trip.in_time():
                    response = await self._ask(hop, trip, trusted)
            hop = _next(hop, response, trip)
        return Incoming(response, trip)

    async def _ask(self, hop: Hop, trip: "_Trip", trusted: frozenset[Place]) -> aiohttp.ClientResponse:
        trip.hop = hop
        session = self._session(trusted)
        headers = hop.headers.copy()
        headers["Accept-Encoding"] = ACCEPTED
        response = await session.request(hop.method, hop.url, headers=headers, data=hop.body, allow_redirects=False)
        trip.status = response.status
        return response

    def _session(self, trusted: frozenset[Place]) -> aiohttp.ClientSession:
        """Return the session with its own guard: a caller never gets a connection that is allowed to the operator alone."""
        if trusted not in self._sessions:
            self._sessions[trusted] = aiohttp.ClientSession(
                connector=GuardedConnector(Guard(self._allowed, trusted, self._resolve)),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "Galaxy"},
                auto_decompress=False,  # `unpacking` does it, and counts
                trust_env=False,  # no proxy, no netrc
            )
        return self._sessions[trusted]


def _next(hop: Hop, response: aiohttp.ClientResponse, trip: "_Trip") -> Hop | None:
    """Return the next hop and close the current answer, or None if there is no redirect."""
    try:
        following = redirects.after(hop, response.status, response.headers.get("Location")) if trip.order.redirects else None
        if following and trip.redirects == trip.order.redirects:
            raise TooManyRedirects
    except EgressError:
        response.close()
        raise
    if following:
        response.close()  # its body may be endless
        trip.redirects += 1
    return following


class Incoming:
    """An answer whose body is still arriving: `status`, `headers`, `url`, and once the body through `pieces()`."""

    def __init__(self, response: aiohttp.ClientResponse, trip: "_Trip") -> None:
        self.status: int = response.status
        self.headers: CIMultiDictProxy[str] = response.headers
        self.url = str(response.url)
        self._response, self._trip = response, trip

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the unpacked body. Raises TooLarge, TooSlow, Unreachable, BadAnswer."""
        unpacker = self._unpacker()
        while data := await self._read():
            self._trip.received += len(data)
            for piece in unpacker.feed(data):
                yield piece
        unpacker.end()

    def close(self) -> None:
        """Return the connection to the pool if the body was read; otherwise close it."""
        self._response.close()

    async def _read(self) -> bytes:
        with self._trip.in_our_words():
            async with self._trip.in_time():
                return await self._response.content.readany()

    def _unpacker(self) -> Unpacker:
        most = self._trip.order.most_bytes
        has_body = self._response.method != "HEAD"
        if has_body and (self._response.content_length or 0) > most:
            raise TooLarge(most)
        return Unpacker(self.headers.get("Content-Encoding", "") if has_body else "", most)


@dataclass
class _Trip:
    """One call from start to end."""

    order: Order
    hop: Hop | None = None
    status: int | None = None
    outcome: str = "Abandoned"
    redirects: int = 0
    received: int = 0
    started: float = field(default_factory=time.monotonic)

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        """Limit what is awaited within to the rest of the call's time."""
        left = self.started + self.order.seconds - time.monotonic()
        async with asyncio.timeout(max(left, 0)):
            yield

    @contextmanager
    def in_our_words(self) -> Iterator[None]:
        """Translate aiohttp's errors into ours. Theirs contain addresses, which a stranger must not learn."""
        try:
            yield
        except aiohttp.ServerTimeoutError:  # CONNECT_SECONDS
            raise Unreachable("The site does not accept the connection.") from None
        except TimeoutError:
            raise TooSlow(self.order.seconds) from None
        except aiohttp.InvalidURL:
            raise BadAddress("its host is malformed") from None
        except aiohttp.ClientSSLError:
            raise Unreachable("The site could not prove its identity (TLS).") from None
        except (aiohttp.ClientPayloadError, aiohttp.http.HttpProcessingError, aiohttp.ClientResponseError):
            raise BadAnswer("The site's answer is malformed or was cut off.") from None
        except (aiohttp.ClientError, OSError):
            raise Unreachable("The site does not answer.") from None

    def report(self) -> None:
        """Log one line and call the caller's hook. Paths are left out: those of webhooks are credentials."""
        origin = str(origin_of(self.hop.url)) if self.hop else ""
        seconds = time.monotonic() - self.started
        done = Done(
            self.order.method.upper(),
            origin,
            self.status,
            self.outcome,
            self.received,
            seconds,
            self.redirects,
            self.order.by_operator,
        )
        logger.info("%s %s: %s %s, %d bytes in %.2f s", done.method, origin, self.status, self.outcome, self.received, seconds)
        if self.order.on_done:
            self.order.on_done(done)
