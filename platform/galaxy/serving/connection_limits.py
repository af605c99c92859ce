"""Limits of a client's connection on uvicorn: time for a request's head and body, and how many there may be at once.

Without them, connections that send nothing, or a byte a minute, are kept for ever, and a thousand of them shut out everyone;
and a head without end is kept in memory, since neither uvicorn nor its parser bounds one.
"""

import asyncio
import logging
import time
from typing import Any

import orjson
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from galaxy.serving import SLOWEST_BODY, open_files

# Beyond the most connections this many more are let in, to be told so, and to ask for the health of the process.
SPARE = 64
HEALTH = ("/healthz", "/readyz")
MOST_HEAD = 64 * 1024  # bytes of a request that are not its body: the head, and what stands between and behind chunks
FRAMING = 16  # so many of them each byte of a body may bring along, as in chunks of one byte
WARN_EVERY = 60.0

logger = logging.getLogger(__name__)


class Limits:
    """What holds for all connections of a process. Times are in seconds."""

    def __init__(self, *, head: float, body: float) -> None:
        self.head, self.body = head, body
        self.most = open_files.most_connections()
        self._warned_at = -WARN_EVERY

    def warn(self) -> None:
        """Tell the operator that connections are refused, at most once a minute."""
        now = time.monotonic()
        if now - self._warned_at >= WARN_EVERY:
            self._warned_at = now
            logger.warning(
                "%d connections are open, as many as fit into the limit of open files: new ones are refused until some close. "
                "Raise that limit (ulimit -n, LimitNOFILE=), or start more web processes (WEB_PROCESSES).",
                self.most,
            )


class LimitedProtocol(HttpToolsProtocol):
    """One connection. `limits` is set by the server before it serves."""

    limits: Limits

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Take it, or refuse it where there are too many."""
        super().connection_made(transport)
        self._received = self._beside = 0
        self._waiting: asyncio.TimerHandle | None = None
        self._is_beyond = len(self.connections) > self.limits.most
        if self._is_beyond:
            self.limits.warn()
            self.app = Crowded(self.app)
        if len(self.connections) > self.limits.most + SPARE:
            transport.abort()
            return
        self._wait(self.limits.head)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer."""
        self._wait(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came; a socket leaves this protocol with its request."""
        self._beside += len(data)
        if (
            self._waiting is None and self._is_free() and not self.transport.is_closing()
        ):  # the next request of a kept connection
            self._wait(self.limits.head)
        super().data_received(data)
        if self._beside > MOST_HEAD and not self.transport.is_closing():
            self._refuse(TOO_LONG)

    def on_headers_complete(self) -> None:
        """Begin the time of the body."""
        self._received = self._beside = 0
        self._wait(self.limits.body)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count it: bytes around it are no progress."""
        self._received += len(body)
        self._beside = max(0, self._beside - FRAMING * len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Stop the clock: from here on the application takes its time."""
        super().on_message_complete()
        self._beside = 0
        self._wait(None)

    def handle_websocket_upgrade(self) -> None:
        """Hand over to the socket's protocol, which has limits of its own."""
        self._wait(None)
        if self._is_beyond:
            self.transport.write(_refusal("HTTP/1.1 503 Service Unavailable"))
            self.transport.close()
            return
        super().handle_websocket_upgrade()
        socket = self.transport.get_protocol()
        if isinstance(socket, WebSocketsSansIOProtocol) and not socket.handshake_initiated:
            self._refuse(
                TOO_LONG
            )  # its own, lower limits: it would leave the client without an answer, and keep the connection

    def _wait(self, seconds: float | None) -> None:
        if self._waiting:
            self._waiting.cancel()
        self._waiting = None if seconds is None else self.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        """The time is over: a body that comes fast enough, or that the application holds up, gets more of it."""
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
        """Tell whether no request is being answered: what comes meanwhile is read, and waits for its turn."""
        return self.cycle is None or self.cycle.response_complete

    def _refuse(self, answer: bytes) -> None:
        """Close the connection, with the answer if none has begun."""
        self._wait(None)
        if self._is_free() or not self.cycle.response_started:
            self.transport.write(answer)
        self.transport.close()


class Crowded:
    """The application for connections beyond the most: health is answered, everything else refused."""

    def __init__(self, application: Any) -> None:
        self._application: ASGI3Application = application

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"] in HEALTH:
            await self._application(scope, receive, send)
            return
        headers = [(b"content-type", b"application/json; charset=utf-8"), (b"retry-after", b"5"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 503, "headers": headers, "trailers": False})
        await send({"type": "http.response.body", "body": _body(), "more_body": False})


def _body(
    code: str = "too_many_connections", message: str = "Too many connections are open. Try again in a few seconds."
) -> bytes:
    return orjson.dumps({"error": {"code": code, "message": message}})


def _refusal(status: str, **said: str) -> bytes:
    body = _body(**said)
    head = f"{status}\r\nContent-Type: application/json; charset=utf-8\r\nRetry-After: 5\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


TOO_SLOW = _refusal("HTTP/1.1 408 Request Timeout", code="too_slow", message="The request came too slowly.")
TOO_LONG = _refusal(
    "HTTP/1.1 431 Request Header Fields Too Large",
    code="too_large",
    message="The head of the request is too large: its address, cookies and other headers.",
)
