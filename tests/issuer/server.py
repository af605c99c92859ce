"""The server in a thread of its own. A test says who signs in there next, and what is to go wrong."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tests.issuer.github import github_routes
from tests.issuer.openid import OpenID

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Issuer:
    """`claims` is who signs in next, `told` what its userinfo says in their place.

    `wrong` names what goes wrong: see `OpenID` and `_troubled`.
    """

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))  # held from the beginning: no one else takes the port
        self.port = int(self._socket.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.claims: dict[str, Any] = {}
        self.told: dict[str, Any] | None = None
        self.wrong = self.answers_as = ""
        self.signs_userinfo = self.announces_issuer = False
        self.asked: list[web.Request] = []
        self.openid = OpenID(self)
        self._loop = asyncio.new_event_loop()
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)
        self._ready = threading.Event()

    def start(self) -> None:
        """Serve."""
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        """Serve no more."""
        assert self._stop
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def reset(self) -> None:
        """No one is there, and nothing is wrong."""
        self.claims, self.told, self.wrong, self.asked = {}, None, "", []
        self.answers_as, self.signs_userinfo, self.announces_issuer = "", False, False

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        application = web.Application(middlewares=[self._troubled])
        application.add_routes([*self.openid.routes(), *github_routes(self)])
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        await web.SockSite(runner, self._socket).start()
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    @web.middleware
    async def _troubled(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.asked.append(request)
        if self.wrong == "away":
            request.transport.abort()  # type: ignore[union-attr]
        if self.wrong == "failing":
            return web.Response(status=500, text="<html>sorry</html>")
        if self.wrong == "no JSON":
            return web.Response(text="[1, 2", content_type="application/json")
        if self.wrong == "slow":
            await asyncio.sleep(8)
        return await handler(request)
