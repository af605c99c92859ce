"""The only way out: every HTTP call to an address that a person entered goes through here (docs/egress.md).

`fetch` and `stream` use the event loop's client. Libraries with their own client get the same guard, as a connector (aiohttp)
or a transport (httpx, in `accounts.egress.transport`). All errors are `EgressError`s; their texts may be shown to people.

aiohttp takes 9 MB and a tenth of a second, and most processes never call out: it is loaded with the first call.
"""

import asyncio
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Unpack
from weakref import WeakKeyDictionary

from django.conf import settings

from accounts.egress.calls import Answer, Done, Options
from accounts.egress.configured import configured
from accounts.egress.errors import (
    BadAddress,
    BadAnswer,
    BadHeader,
    EgressError,
    Forbidden,
    TooLarge,
    TooManyRedirects,
    TooSlow,
    Unreachable,
)

if TYPE_CHECKING:
    from accounts.egress.client import Client, Incoming
    from accounts.egress.connector import GuardedConnector

__all__ = [
    "Answer", "BadAddress", "BadAnswer", "BadHeader", "Done", "EgressError", "Forbidden", "Options", "TooLarge",
    "TooManyRedirects", "TooSlow", "Unreachable", "close", "fetch", "fetch_now", "guarded_connector", "stream",
]  # fmt: skip

_clients: "WeakKeyDictionary[asyncio.AbstractEventLoop, Client]" = WeakKeyDictionary()


async def fetch(url: str, **options: Unpack[Options]) -> Answer:
    """Fetch the whole answer. Raises EgressError. See `Options`."""
    return await _client().fetch(url, **options)


def stream(url: str, **options: Unpack[Options]) -> "AbstractAsyncContextManager[Incoming]":
    """Stream the answer, as a context: `async for piece in incoming.pieces()`. Raises EgressError."""
    return _client().stream(url, **options)


def fetch_now(url: str, **options: Unpack[Options]) -> Answer:
    """Call `fetch` where no event loop runs, as in a task of the worker."""
    return asyncio.run(_fetch_alone(url, options))


async def close() -> None:
    """Close this loop's connections. Call it before a loop ends that has used `fetch` or `stream`."""
    found = _clients.pop(asyncio.get_running_loop(), None)
    if found:
        await found.close()


def guarded_connector(*, by_operator: Iterable[str] = ()) -> "GuardedConnector":
    """Return the guard for an aiohttp session. `by_operator`: addresses whose host and port the operator configured.

    The caller sets `trust_env=False`, a `DummyCookieJar` and limits of time and size.
    """
    from accounts.egress.connector import GuardedConnector  # noqa: PLC0415  as above

    return GuardedConnector(configured(by_operator))


def _client() -> "Client":
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = _new_client()
    return _clients[loop]


def _new_client() -> "Client":
    from accounts.egress.client import Client  # noqa: PLC0415  as above

    return Client(settings.EGRESS_ALLOW)


async def _fetch_alone(url: str, options: Options) -> Answer:
    client = _new_client()
    try:
        return await client.fetch(url, **options)
    finally:
        await client.close()
