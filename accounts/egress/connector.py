"""The guard as aiohttp's connector: it checks every connection of its session, also after a redirect."""

import socket

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from accounts.egress.errors import Forbidden
from accounts.egress.guard import Guard
from accounts.egress.targets import origin_of


class GuardedConnector(aiohttp.TCPConnector):
    """Connects only where the guard allows it. Raises EgressError, which passes through aiohttp unchanged.

    Any request of a session may reuse a connection of its pool, so a session must have exactly one guard.
    """

    def __init__(self, guard: Guard) -> None:
        # No DNS cache: a pooled connection needs no lookup, and a new one must look the name up again.
        super().__init__(resolver=_GuardedResolver(guard), use_dns_cache=False)
        self._guard = guard

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout) -> Connection:  # noqa: ASYNC109
        """Open or reuse a connection for that request."""
        if req.proxy is not None:
            raise Forbidden("Calls through a proxy are not allowed, because the proxy would look names up itself.")
        self._guard.check_literal(origin_of(req.url).place)  # aiohttp does not resolve these
        return await super().connect(req, traces, timeout)


class _GuardedResolver(AbstractResolver):
    """Gives aiohttp the checked addresses as numbers, so that it connects to exactly what was checked."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    # Ask for every family: a caller who could choose one would hide the other from the check.
    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:  # noqa: ARG002
        return [_result(host, address, port) for address in await self._guard.addresses(host, port)]

    async def close(self) -> None:
        """Do nothing: no resources are kept."""


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    )
