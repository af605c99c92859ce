"""The HTTP session that all streams of an event loop share: connections are kept for the next question, without a limit."""

import asyncio
import os
import urllib.parse
import urllib.request
from weakref import WeakKeyDictionary

import aiohttp

from chat.providers.own_network import is_local

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


def proxy_for(address: str) -> str | None:
    """The proxy that the environment names for an address (`HTTPS_PROXY`, `NO_PROXY`, …); for one's own network none."""
    parts = urllib.parse.urlsplit(address)
    proxies = urllib.request.getproxies_environment()
    if is_local(parts.hostname or "") or urllib.request.proxy_bypass_environment(parts.netloc, proxies):  # type: ignore[attr-defined]  # not in typeshed
        return None
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def spare_local(address: str) -> None:
    """Keep clients that are not ours, and read the environment themselves, off the proxy for a host of one's own network."""
    host = urllib.parse.urlsplit(address).hostname or ""
    if host and is_local(host) and urllib.request.getproxies_environment() and not urllib.request.proxy_bypass(host):
        spared = os.environ.get("no_proxy") or os.environ.get("NO_PROXY", "")
        os.environ["no_proxy"] = os.environ["NO_PROXY"] = f"{spared},{host}".strip(",")


async def close() -> None:
    """Closes this loop's session with all its connections."""
    found = _sessions.pop(asyncio.get_running_loop(), None)
    if found:
        await found.close()
