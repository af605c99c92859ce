"""The guard as httpx's transport, for libraries that call by httpx (the MCP SDK).

`httpx.AsyncClient(transport=GuardedTransport(guard))`: with a transport of its own, httpx asks no proxy of the environment.
"""

import asyncio
import ssl
from collections.abc import Iterable

import httpcore
import httpx

from accounts.egress.configured import configured
from accounts.egress.errors import Forbidden
from accounts.egress.guard import Guard
from accounts.egress.targets import origin

MOST_CONNECTIONS = 100


def guarded_transport(*, by_operator: Iterable[str] = ()) -> "GuardedTransport":
    """For an `httpx.AsyncClient`. `by_operator`: addresses whose host and port the operator configured."""
    return GuardedTransport(configured(by_operator))


class GuardedTransport(httpx.AsyncHTTPTransport):
    """Connects only where the guard lets it. Raises EgressError, which passes through httpx as it is.

    Redirects that httpx follows come back here, each as a request of its own, and are checked.
    """

    def __init__(self, guard: Guard) -> None:
        context = ssl.create_default_context()
        super().__init__(verify=context, trust_env=False)
        # httpx has no argument for it (0.28): the pool that it made is replaced before it is used.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context, max_connections=MOST_CONNECTIONS, network_backend=_GuardedNetwork(guard)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        url = request.url
        origin(url.scheme, url.raw_host.decode("ascii"), url.port)  # BadAddress for a host such as 127.1
        return await super().handle_async_request(request)


class _GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Looks a name up, and hands a checked address to anyio. TLS is by name all the same: httpcore keeps that apart."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._guard.addresses(host, port)
        except TimeoutError:
            raise httpcore.ConnectTimeout from None
        *others, last = addresses
        for address in others:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                pass  # the next one may answer
        return await self._network.connect_tcp(last, port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        raise Forbidden("A socket of this machine is not called from here.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
