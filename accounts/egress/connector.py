"""The guard as aiohttp's connector: every connection of a session that has it is checked, also after a redirect."""

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
    """Connects only where the guard lets it. Raises EgressError, which passes through aiohttp as it is.

    A connection in the pool may be used again by every request of its session, so a session must have one guard.
    """

    def __init__(self, guard: Guard) -> None:
        # A pooled connection needs no name, and a new one asks anew: no cache.
        super().__init__(resolver=_GuardedResolver(guard), use_dns_cache=False)
        self._guard = guard

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout) -> Connection:  # noqa: ASYNC109
        """A connection for that request."""
        if req.proxy is not None:
            raise Forbidden("Calls are not made by way of a proxy, which would look names up by itself.")
        self._guard.check_literal(origin_of(req.url).place)  # aiohttp asks no resolver for one
        return await super().connect(req, traces, timeout)


class _GuardedResolver(AbstractResolver):
    """Gives aiohttp the checked addresses, in numbers: what is connected to is what was checked."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    # Every family is asked for: whoever could choose one would hide the other from the check.
    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:  # noqa: ARG002
        return [_result(host, address, port) for address in await self._guard.addresses(host, port)]

    async def close(self) -> None:
        """Nothing is held."""


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    )
