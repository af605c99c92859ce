"""The HTTP session that all streams of an event loop share: connections are kept for the next question, without a limit."""

import asyncio
from weakref import WeakKeyDictionary

import aiohttp

_sessions: "WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession]" = WeakKeyDictionary()
CONNECT_SECONDS = 10.0


def session() -> aiohttp.ClientSession:
    """This loop's session, made when first asked for."""
    loop = asyncio.get_running_loop()
    found = _sessions.get(loop)
    if found is None or found.closed:
        found = _sessions[loop] = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=60),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            # A compressing proxy would hold tokens back until its window is full.
            headers={"Accept-Encoding": "identity", "User-Agent": "Galaxy"},
        )
    return found


async def close() -> None:
    """Closes this loop's session with all its connections."""
    found = _sessions.pop(asyncio.get_running_loop(), None)
    if found:
        await found.close()
