"""The portal on uvicorn: the default server."""

import asyncio
import socket

from django.conf import settings
from uvicorn import Config, Server

from accounts import egress
from galaxy.asgi import application
from galaxy.services import readiness
from galaxy.serving import MOST_BYTES, PING_SECONDS
from galaxy.serving.connection_limits import LimitedProtocol, Limits


def run(listener: socket.socket, *, grace: float) -> None:
    """Serve until SIGTERM or SIGINT; open requests then get `grace` seconds."""
    given = settings.ENVIRONMENT
    LimitedProtocol.limits = Limits(head=given.request_head_seconds, body=given.request_body_seconds)
    config = Config(
        application,
        loop="uvloop",
        http=LimitedProtocol,
        ws="websockets-sansio",
        lifespan="off",
        ws_per_message_deflate=False,  # 100 KB and a third more work a socket, to save bytes that a token hardly has
        ws_max_size=MOST_BYTES,
        ws_ping_interval=PING_SECONDS,
        # Longer than a client may take nothing (chat.delivery.following), which has a code of its own.
        ws_ping_timeout=2 * PING_SECONDS,
        timeout_graceful_shutdown=max(1, round(grace)),
        proxy_headers=False,  # whose headers count is decided in accounts
        server_header=False,
        access_log=False,
        log_config=None,
    )
    _Telling(config).run(sockets=[listener])


class _Telling(Server):
    """Tells the supervisor when it accepts connections, and leaves no connection of its own open."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        readiness.tell_and_beat(asyncio.get_running_loop())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        await egress.close()
