"""Origins that may open a socket or send a form: a browser sends our cookie for any page, so the page must be ours."""

import asyncio
import ipaddress
import logging
import time
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from accounts.identity.credentials import of_scope
from accounts.storage import hints

LONGEST_SHOWN = 200
HINT_EVERY = 60.0
PORTS = {"http": 80, "https": 443}


logger = logging.getLogger(__name__)


class Origin(NamedTuple):
    """Scheme, host and port, which together identify a site."""

    scheme: str
    host: str
    port: int


class OwnOriginOnly:
    """Lets only sockets of this portal's pages pass; others get 403 before the handshake is complete."""

    def __init__(self, application: ASGI3Application) -> None:
        self._application = application
        self._hinted_at = -HINT_EVERY

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Serve one socket."""
        by_token = scope["type"] == "websocket" and of_scope(scope).bearer is not None
        if scope["type"] == "websocket" and (why := objection(scope["headers"], by_token=by_token)):
            logger.warning("A socket was refused. %s", why)
            await self._hint(why)
            await receive()  # websocket.connect
            await send({"type": "websocket.close", "code": 1008, "reason": None})
            return
        await self._application(scope, receive, send)

    async def _hint(self, why: str) -> None:
        """Leave it for the doctor, now and then: any page of the web may try."""
        now = time.monotonic()
        if now - self._hinted_at >= HINT_EVERY:
            self._hinted_at = now
            await asyncio.to_thread(hints.leave, hints.FOREIGN_ORIGIN, why)


def is_own(headers: Iterable[tuple[bytes, bytes]], *, by_token: bool = False) -> bool:
    """Check that the request's Origin is the portal's, by its own Host or by PUBLIC_URL."""
    return not objection(headers, by_token=by_token)


def objection(headers: Iterable[tuple[bytes, bytes]], *, by_token: bool = False) -> str:
    """Explain why the asking page is not the portal's, and what to do; empty if it is. Used for forms and sockets.

    A program that sends a token needs no Origin: a page in a browser cannot send one, so it cannot borrow the person's.
    """
    given = list(headers)
    origins = [value.decode("latin1") for name, value in given if name == b"origin"]
    hosts = [value.decode("latin1") for name, value in given if name == b"host"]
    if len(hosts) != 1 or not validate_host(split_domain_port(hosts[0])[0], settings.ALLOWED_HOSTS):
        return "This address does not belong to this Galaxy. ALLOWED_HOSTS and PUBLIC_URL name the addresses that do."
    if len(origins) != 1:
        return "" if by_token and not origins else "The browser did not say which page sent this (Origin). Reload the page."
    origin = _read(origins[0])
    return "" if origin is not None and origin in _own(hosts[0]) else _words(origins[0], origin, hosts[0])


def is_public(host: str) -> bool:
    """Check whether a Host header names the portal's public address."""
    public = _read(settings.PUBLIC_URL)
    return public is not None and _read(f"{public.scheme}://{host}") == public


def _words(given: str, origin: Origin | None, host: str) -> str:
    """Choose the sentence for the cause."""
    if given == "null":
        return (
            "The browser hides which page sent this (Origin: null), as in a frame of another site or after a redirect "
            f"from one. Open {settings.PUBLIC_URL} in a window of its own and try again."
        )
    if origin is not None and origin == _read(f"http://{host}"):
        return (
            f"This page was opened with http, but Galaxy's address is {settings.PUBLIC_URL}. No one can sign in here: open "
            "that address. If this one has TLS too, its proxy must pass the Host header on unchanged."
        )
    return (
        f"A page of {given[:LONGEST_SHOWN]} sent this, which is not an address of this Galaxy. If it should be one, "
        "ask the operator to add its name to ALLOWED_HOSTS or to set PUBLIC_URL to it."
    )


def _own(host: str) -> set[Origin | None]:
    """Return the origins of pages loaded from this host, and the public one."""
    public = _read(settings.PUBLIC_URL)
    loaded = _read(f"{public.scheme if public else 'http'}://{host}")
    own = {public, loaded}
    if loaded and _is_loopback(loaded.host):  # behind a proxy with TLS, the portal may also be opened directly
        own.add(_read(f"http://{host}"))
    return own


def _read(text: str) -> Origin | None:
    """Parse the origin of an address; None if it has none (a sandboxed page sends `null`)."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None:
        return None
    return Origin(parts.scheme, parts.hostname, PORTS[parts.scheme] if port is None else port)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
