"""Tests whether the running portal's pages and socket accept a forged proxy header, as an outsider would send it.

Each attempt names the owner, so that a success matters; each is in the audit like anyone's.
"""

import asyncio
import ipaddress
import secrets
from collections.abc import Iterator

import aiohttp
import jwt

from galaxy.configuration.environment import Environment

WITHIN = 5.0
Headers = list[tuple[str, str]]


class NotTried(Exception):
    """The portal did not answer, so the result is unknown."""


async def succeeded(settings: Environment, address: str) -> list[str]:
    """Describe the forgeries that the portal at `address` accepted. Raises NotTried."""
    forged = dict(forgeries(settings, is_trusted=_is_trusted(settings)))
    timeout = aiohttp.ClientTimeout(total=WITHIN)
    try:
        async with aiohttp.ClientSession(address, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
            believed = await asyncio.gather(*(_is_believed(session, headers, address) for headers in forged.values()))
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise NotTried(str(error) or type(error).__name__) from error
    return [how for how, success in zip(forged, believed, strict=True) if success]


def forgeries(settings: Environment, *, is_trusted: bool) -> Iterator[tuple[str, Headers]]:
    """Yield each forgery of the proxy's headers. `is_trusted`: this machine counts as the proxy."""
    name, secret = settings.proxy_user_header, settings.proxy_secret_header
    user, known = (name, settings.owner_email), settings.listed(settings.proxy_shared_secret)
    right = (secret, known[0]) if known else (secret, secrets.token_urlsafe(32))
    yield "without a secret", [user]
    yield "with a wrong secret", [user, (secret, secrets.token_urlsafe(32))]
    yield "with the secret twice", [user, right, right]
    yield "with the name twice", [user, user, right]
    yield "with two names in one", [(name, f"{settings.owner_email},{settings.owner_email}"), right]
    yield "with underscores in the header's name", [(name.replace("-", "_"), settings.owner_email), right]
    if not is_trusted:
        yield "from an address that is not the proxy's", [user, right]
        yield "with a forged X-Forwarded-For", [user, right, *_forwarded(settings)]
    if settings.proxy_jwt_header:
        yield from _statements(settings)


def _forwarded(settings: Environment) -> Headers:
    proxies = settings.listed(settings.trusted_proxies)
    return [("X-Forwarded-For", proxy.partition("/")[0]) for proxy in proxies[:1]]


def _statements(settings: Environment) -> Iterator[tuple[str, Headers]]:
    claims = {"email": settings.owner_email, "iss": settings.proxy_jwt_issuer, "aud": settings.proxy_jwt_audience}
    yield "with an unsigned statement", [(settings.proxy_jwt_header, jwt.encode(claims, "", algorithm="none"))]
    own = jwt.encode(claims, secrets.token_urlsafe(48), algorithm="HS256")
    yield "with a statement that another party signed", [(settings.proxy_jwt_header, own)]


async def _is_believed(session: aiohttp.ClientSession, headers: Headers, address: str) -> bool:
    async with session.get("/api/me", headers=headers, allow_redirects=False) as answer:
        return answer.status != 401 or await _opens_a_socket(session, [*headers, ("Origin", address)])  # noqa: PLR2004


async def _opens_a_socket(session: aiohttp.ClientSession, headers: Headers) -> bool:
    """Check whether the socket accepts an action instead of closing."""
    try:
        async with session.ws_connect("/ws/chat", headers=headers) as socket:
            await socket.send_str('{"action": "ping", "request_id": "doctor", "payload": {}}')
            return (await socket.receive()).type is aiohttp.WSMsgType.TEXT
    except aiohttp.WSServerHandshakeError:
        return False


def _is_trusted(settings: Environment) -> bool:
    """Check whether requests from this machine count as those of a trusted proxy."""
    networks = [ipaddress.ip_network(text) for text in settings.listed(settings.trusted_proxies)]
    own = [ipaddress.ip_address(text) for text in ("127.0.0.1", "::1")]
    return any(address in network for network in networks for address in own)
