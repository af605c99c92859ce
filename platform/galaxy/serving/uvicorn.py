"""The portal on uvicorn, the default server."""

import asyncio
import signal
import socket
import time
from types import FrameType

from django.conf import settings
from uvicorn import Config, Server

from accounts import egress
from galaxy.asgi import application
from galaxy.services.supervision import readiness
from galaxy.serving import MOST_BYTES, PING_SECONDS, liveness
from galaxy.serving.connection_limits import LimitedProtocol, Limits
from galaxy.serving.failing import HeardOutProtocol


def run(listener: socket.socket, *, grace: float, drain: float = 0.0) -> None:
    """Serve until SIGTERM or SIGINT. After `drain` seconds nothing new is accepted; open requests get `grace` seconds."""
    given = settings.ENVIRONMENT
    LimitedProtocol.limits = Limits(head=given.request_head_seconds, body=given.request_body_seconds)
    config = Config(
        application,
        loop="uvloop",
        http=LimitedProtocol,
        ws=HeardOutProtocol,
        lifespan="off",
        ws_per_message_deflate=False,  # 100 KB and a third more work per socket, to save bytes that tokens hardly have
        ws_max_size=MOST_BYTES,
        ws_ping_interval=PING_SECONDS,
        # Longer than a client may leave data unread (chat.delivery.client_stream), which has its own close code.
        ws_ping_timeout=2 * PING_SECONDS,
        timeout_graceful_shutdown=max(1, round(grace)),
        proxy_headers=False,  # accounts decides which headers count
        server_header=False,
        access_log=False,
        log_config=None,
    )
    _Server(config, drain=drain).run(sockets=[listener])


class _Server(Server):
    """Reports readiness to the supervisor, drains before it stops, and closes its own connections."""

    def __init__(self, config: Config, *, drain: float) -> None:
        super().__init__(config)
        self._drain = drain
        self._stop_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, liveness.begin_to_stop)
        readiness.report_and_beat(loop)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Start draining at the first signal; stop at once at the second."""
        liveness.begin_to_stop()
        if self._stop_at is None and self._drain > 0:
            self._captured_signals.append(sig)
            self._stop_at = time.monotonic() + self._drain
            return
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        if self._stop_at is not None and time.monotonic() >= self._stop_at:
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        await egress.close()
