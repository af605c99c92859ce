"""Limits of connections on uvicorn: the time for a request's head and body, and their number.

Without them, connections that send nothing, or a byte a minute, stay open forever, and a thousand of them shut everyone out;
and an endless head fills memory, because neither uvicorn nor its parser limits it.
"""

import asyncio
from typing import Any

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from galaxy.serving import SLOWEST_BODY
from galaxy.serving.crowding import HEADERS, HEALTH, SPARE, Room, refusal, refusal_body

MOST_HEAD = 64 * 1024  # bytes of a request that are not its body: the head, and what stands between and behind chunks
FRAMING = 16  # so many of them each byte of a body may bring along, as in chunks of one byte


class Limits:
    """Limits for all connections of a process. Times are in seconds."""

    def __init__(self, *, head: float, body: float) -> None:
        self.head, self.body = head, body
        self.room = Room()


class LimitedProtocol(HttpToolsProtocol):
    """One connection. The server sets `limits` before it starts."""

    limits: Limits

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Accept the connection, or refuse it if there are too many."""
        super().connection_made(transport)
        self._received = self._beside = 0
        self._waiting: asyncio.TimerHandle | None = None
        self._is_beyond = len(self.connections) > self.limits.room.most
        if self._is_beyond:
            self.limits.room.warn()
            self.app = Crowded(self.app)
        if len(self.connections) > self.limits.room.most + SPARE:
            transport.abort()
            return
        self._wait(self.limits.head)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timer."""
        self._wait(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse the data; a socket leaves this protocol with its request."""
        self._beside += len(data)
        if (
            self._waiting is None and self._is_free() and not self.transport.is_closing()
        ):  # the next request of a kept connection
            self._wait(self.limits.head)
        super().data_received(data)
        if self._beside > MOST_HEAD and not self.transport.is_closing():
            self._refuse(TOO_LONG)

    def on_headers_complete(self) -> None:
        """Start the time for the body."""
        self._received = self._beside = 0
        self._wait(self.limits.body)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count the body: bytes around it are not progress."""
        self._received += len(body)
        self._beside = max(0, self._beside - FRAMING * len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Stop the clock: the application takes over."""
        super().on_message_complete()
        self._beside = 0
        self._wait(None)

    def handle_websocket_upgrade(self) -> None:
        """Hand over to the socket's protocol, which has limits of its own."""
        self._wait(None)
        if self._is_beyond:
            self.transport.write(refusal())
            self.transport.close()
            return
        super().handle_websocket_upgrade()
        socket = self.transport.get_protocol()
        if isinstance(socket, WebSocketsSansIOProtocol) and not socket.handshake_initiated:
            self._refuse(TOO_LONG)  # its own, lower limits, at which it would neither answer nor close the connection

    def _wait(self, seconds: float | None) -> None:
        if self._waiting:
            self._waiting.cancel()
        self._waiting = None if seconds is None else self.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        """Time is up. A body that is fast enough, or that the application delays, gets more time."""
        self._waiting = None
        if self.transport.is_closing():
            return
        reads_body = self.cycle is not None and self.cycle.more_body
        if reads_body and (self.flow.read_paused or self._received >= SLOWEST_BODY * self.limits.body):
            self._received = 0
            self._wait(self.limits.body)
            return
        self._refuse(TOO_SLOW)

    def _is_free(self) -> bool:
        """Check that no request is being answered; data that arrives meanwhile is read and waits its turn."""
        return self.cycle is None or self.cycle.response_complete

    def _refuse(self, answer: bytes) -> None:
        """Close the connection, with the answer unless one has started."""
        self._wait(None)
        if self._is_free() or not self.cycle.response_started:
            self.transport.write(answer)
        self.transport.close()


class Crowded:
    """The application for connections beyond the limit: it answers health checks and refuses everything else."""

    def __init__(self, application: Any) -> None:
        self._application: ASGI3Application = application

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"] in HEALTH:
            await self._application(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 503, "headers": HEADERS, "trailers": False})
        await send({"type": "http.response.body", "body": refusal_body(), "more_body": False})


TOO_SLOW = refusal("HTTP/1.1 408 Request Timeout", code="too_slow", message="The request came too slowly.")
TOO_LONG = refusal(
    "HTTP/1.1 431 Request Header Fields Too Large",
    code="too_large",
    message="The request's address, cookies and headers are too large.",
)
