"""The portal on daphne: `manage.py serve --server daphne`.

Daphne buffers whatever an application sends until the client reads it. Here, as on uvicorn, sending waits while the transport's
buffer is full, so that a slow client slows only its own stream. Daphne also stores a whole body on disk before it calls the
application; here, a body that is too large is refused earlier.
"""

import asyncio
import signal
import socket
from typing import Any

import uvloop

asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # daphne takes its loop while it is imported

from daphne.http_protocol import HTTPFactory, WebRequest  # noqa: E402
from daphne.server import Server  # noqa: E402
from django.conf import settings  # noqa: E402
from twisted.internet import reactor  # noqa: E402
from twisted.internet.interfaces import IPushProducer  # noqa: E402
from twisted.web.http import HTTPChannel  # noqa: E402
from zope.interface import implementer  # noqa: E402

from accounts import egress  # noqa: E402
from galaxy.asgi import application  # noqa: E402
from galaxy.middleware.body_limits import most_bytes, refusal  # noqa: E402
from galaxy.services.supervision import readiness  # noqa: E402
from galaxy.serving import (  # noqa: E402
    MOST_BYTES,
    PING_SECONDS,
    SLOWEST_BODY,
    crowding,
    liveness,
)

_clock: Any = reactor  # its stubs do not know that a method is bound
GOING_AWAY = 1012  # "service restart": clients come back at once


def run(listener: socket.socket, *, grace: float, drain: float = 0.0) -> None:
    """Serve until SIGTERM or SIGINT. After `drain` seconds nothing new is accepted; open requests get `grace` seconds."""
    _Server(
        application,
        endpoints=["adopted in _begin"],  # daphne's own way to use an open socket does not support IPv6
        signal_handlers=False,
        websocket_timeout=-1,
        websocket_max_message_size=MOST_BYTES,
        websocket_max_frame_size=MOST_BYTES,
        ping_interval=PING_SECONDS,
        ping_timeout=PING_SECONDS,
        server_name="",
        listener=listener,
        grace=grace,
        drain=drain,
    ).run()


@implementer(IPushProducer)
class _Brake:
    """Closed by Twisted while the transport's buffer is full."""

    def __init__(self) -> None:
        self._free = asyncio.Event()
        self._free.set()

    async def wait(self) -> None:
        """Return when there is room, or no reader is left."""
        await self._free.wait()

    def pauseProducing(self) -> None:  # noqa: N802  Twisted's name
        self._free.clear()

    def resumeProducing(self) -> None:  # noqa: N802  Twisted's name
        self._free.set()

    stopProducing = resumeProducing  # noqa: N815  Twisted's name


class _LimitedRequest(WebRequest):  # type: ignore[misc]  # daphne has no types
    """Answers 413 as soon as the body is known to be too large, and reads and drops the rest so that the answer arrives."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._received_before = 0
        self._deadline: Any = _clock.callLater(settings.ENVIRONMENT.request_head_seconds, self._give_up)
        self.notifyFinish().addBoth(self._stop_clock)

    def _give_up(self) -> None:
        """Close the connection, unless the body is fast enough."""
        received, seconds = self.content.tell() if self.content else 0, settings.ENVIRONMENT.request_body_seconds
        if received - self._received_before < SLOWEST_BODY * seconds:
            self.channel.forceAbortClient()
            return
        self._received_before = received
        self._deadline = _clock.callLater(seconds, self._give_up)

    def _stop_clock(self, _: Any = None) -> None:
        if self._deadline.active():
            self._deadline.cancel()

    def gotLength(self, length: int | None) -> None:  # noqa: N802  Twisted's name
        if self._deadline.active():
            self._deadline.reset(settings.ENVIRONMENT.request_body_seconds)
        self._asked = self.channel._path.decode("latin1")  # noqa: SLF001  not yet the request's own
        self._most = most_bytes(self._asked)
        self._is_refused = False
        super().gotLength(min(length, self._most) if length else length)
        self._limit(length or 0)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802  Twisted's name
        self._limit(self.content.tell() + len(data))
        if not self._is_refused:
            super().handleContentChunk(data)

    def process(self) -> Any:
        self._stop_clock()
        if self.channel.is_beyond and self.path.decode("latin1") not in crowding.HEALTH:
            self._is_refused = True
            self.channel.transport.write(crowding.refusal())
        return self.channel.loseConnection() if self._is_refused else super().process()

    def _limit(self, size: int) -> None:
        if size > self._most and not self._is_refused:
            self._is_refused = True
            body = refusal(self._asked, self._most)
            head = "HTTP/1.1 413 Content Too Large\r\nContent-Type: application/json; charset=utf-8\r\nConnection: close\r\n"
            self.channel.transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


class _Channel(HTTPChannel):
    """A connection whose time does not restart with every byte before a request's first line is complete."""

    is_beyond = False

    def connectionMade(self) -> None:  # noqa: N802  Twisted's name
        super().connectionMade()  # type: ignore[no-untyped-call]  # Twisted's
        self.is_beyond = self.factory.crowd.enter(self.transport)

    def resetTimeout(self) -> None:  # noqa: N802  Twisted's name
        if self.requests:
            super().resetTimeout()  # type: ignore[no-untyped-call]  # Twisted's


class _Crowd:
    """The open connections, and whether there is room for one more."""

    def __init__(self) -> None:
        self._room = crowding.Room()
        self._open = 0

    def enter(self, transport: Any) -> bool:
        """Count one until it is lost, which its transport tells: protocols change. True if it is beyond the most."""
        self._open += 1
        lost = transport.connectionLost

        def leave(reason: Any) -> None:
            self._open -= 1
            lost(reason)

        transport.connectionLost = leave
        is_beyond = self._open > self._room.most
        if is_beyond:
            self._room.warn()
        if self._open > self._room.most + crowding.SPARE:
            transport.abortConnection()
        return is_beyond


class _Factory(HTTPFactory):  # type: ignore[misc]  # daphne has no types
    """Builds limited connections."""

    protocol = _Channel

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self.crowd = _Crowd()

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802  Twisted's name
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = _LimitedRequest
        protocol.timeOut = settings.ENVIRONMENT.request_head_seconds  # of silence
        return protocol


class _Server(Server):  # type: ignore[misc]  # daphne has no types
    """Daphne's server with back-pressure and an orderly stop."""

    def __init__(self, *arguments: Any, listener: socket.socket, grace: float, drain: float, **options: Any) -> None:
        super().__init__(*arguments, ready_callable=self._begin, **options)
        self.endpoints: list[str] = []
        self._listener, self._grace, self._drain = listener, grace, drain
        self._port: Any = None
        self._ending: asyncio.Task[None] | None = None

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Send a message, then wait until the client has read enough of the earlier ones."""
        details = self.connections.get(protocol, {})
        brake: _Brake | None = details.get("brake")
        if message["type"] == "http.response.body" and not message.get("more_body") and brake:
            details["brake"] = brake = None
            protocol.unregisterProducer()
        await super().handle_reply(protocol, message)
        if message["type"] in ("http.response.start", "websocket.accept") and "disconnected" not in details:
            details["brake"] = self._register(protocol)
        elif brake:
            await brake.wait()

    @staticmethod
    def _register(protocol: Any) -> _Brake:
        brake = _Brake()
        if isinstance(protocol, WebRequest):
            protocol.registerProducer(brake, True)
        else:
            protocol.transport.unregisterProducer()  # that of the HTTP request which became this socket
            protocol.transport.registerProducer(brake, True)
        return brake

    def _begin(self) -> None:
        """Start listening, at the last moment before the event loop runs."""
        self._port = reactor.adoptStreamPort(self._listener.fileno(), self._listener.family, _Factory(self))
        self.ws_factory.setProtocolOptions(failByDrop=False)  # send 1009 before closing
        loop = asyncio.get_event_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._end)
        loop.add_signal_handler(signal.SIGUSR1, liveness.begin_to_stop)
        loop.call_soon(readiness.report_and_beat, loop)

    def _end(self) -> None:
        liveness.begin_to_stop()
        if self._ending is None:
            self._ending = asyncio.ensure_future(self._close())

    async def _close(self) -> None:
        """Accept nothing more, close the sockets, let requests finish for a while."""
        try:
            await asyncio.sleep(self._drain)
            self._port.stopListening()
            for protocol in list(self.connections):
                if not isinstance(protocol, WebRequest):
                    protocol.sendCloseFrame(code=GOING_AWAY)  # sendClose refuses this code
            until = asyncio.get_running_loop().time() + self._grace
            while self._is_busy() and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110  daphne has no event for it
                await asyncio.sleep(0.05)
            await egress.close()
        finally:
            self.stop()

    def _is_busy(self) -> bool:
        return any("disconnected" not in details for details in self.connections.values())
