"""The guard as httpx's transport, for libraries that use httpx (the MCP SDK).

`httpx.AsyncClient(transport=GuardedTransport(guard))`: with a transport of its own, httpx ignores the environment's proxies.
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
    """Return a transport for an `httpx.AsyncClient`. `by_operator`: addresses whose host and port the operator configured."""
    return GuardedTransport(configured(by_operator))


class GuardedTransport(httpx.AsyncHTTPTransport):
    """Connects only where the guard allows it. Raises EgressError, which passes through httpx unchanged.

    Each redirect that httpx follows is a request of its own here, and is checked.
    """

    def __init__(self, guard: Guard) -> None:
        context = ssl.create_default_context()
        super().__init__(verify=context, trust_env=False)
        # httpx 0.28 has no argument for this: its pool is replaced before it is used.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context, max_connections=MOST_CONNECTIONS, network_backend=_GuardedNetwork(guard)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        url = request.url
        origin(url.scheme, url.raw_host.decode("ascii"), url.port)  # BadAddress for a host such as 127.1
        return await super().handle_async_request(request)


class _GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Resolves a name and gives anyio a checked address. TLS still checks the name, which httpcore handles separately."""

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
                pass  # another address may answer
        return await self._network.connect_tcp(last, port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        raise Forbidden("Galaxy does not call sockets on its own machine.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
