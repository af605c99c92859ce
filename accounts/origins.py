"""Which pages may open a socket or send a form. A browser sends the cookie whatever page asks, so it must be ours."""

import ipaddress
import logging
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from accounts.credentials import of_scope

LONGEST_SHOWN = 200
PORTS = {"http": 80, "https": 443}


logger = logging.getLogger(__name__)


class Origin(NamedTuple):
    """What tells one site from another."""

    scheme: str
    host: str
    port: int


class OwnOriginOnly:
    """Sockets that a page of this portal opens pass; others are refused with 403 before the handshake is over."""

    def __init__(self, application: ASGI3Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Serve one socket."""
        by_token = scope["type"] == "websocket" and of_scope(scope).bearer is not None
        if scope["type"] == "websocket" and (why := objection(scope["headers"], by_token=by_token)):
            logger.warning("A socket was refused. %s", why)
            await receive()  # websocket.connect
            await send({"type": "websocket.close", "code": 1008, "reason": None})
            return
        await self._application(scope, receive, send)


def is_own(headers: Iterable[tuple[bytes, bytes]], *, by_token: bool = False) -> bool:
    """Whether the request's Origin is the portal's, by its own Host or by PUBLIC_URL."""
    return not objection(headers, by_token=by_token)


def objection(headers: Iterable[tuple[bytes, bytes]], *, by_token: bool = False) -> str:
    """Why the page that asks is not one of the portal's, and what to do; empty where it is. Forms and sockets ask alike.

    A program that shows a token needs no Origin: no page of a browser can, so none can borrow what it does not have.
    """
    given = list(headers)
    origins = [value.decode("latin1") for name, value in given if name == b"origin"]
    hosts = [value.decode("latin1") for name, value in given if name == b"host"]
    if len(hosts) != 1 or not validate_host(split_domain_port(hosts[0])[0], settings.ALLOWED_HOSTS):
        return "This address is not among those of this Galaxy. ALLOWED_HOSTS and PUBLIC_URL name them."
    if len(origins) != 1:
        return "" if by_token and not origins else "The browser does not say which page asks (Origin). Reload the page."
    origin = _read(origins[0])
    return "" if origin is not None and origin in _own(hosts[0]) else _words(origins[0], origin, hosts[0])


def is_public(host: str) -> bool:
    """Whether a Host header names the portal's public address."""
    public = _read(settings.PUBLIC_URL)
    return public is not None and _read(f"{public.scheme}://{host}") == public


def _words(given: str, origin: Origin | None, host: str) -> str:
    """Each cause has its own."""
    if given == "null":
        return (
            "The browser hides which page asks (Origin: null), as it does in a frame of another site, or after being sent on "
            f"from one. Open {settings.PUBLIC_URL} in a window of its own and do it again."
        )
    if origin is not None and origin == _read(f"http://{host}"):
        return (
            f"This page was opened by http, and Galaxy's address is {settings.PUBLIC_URL}: nobody can be signed in here. Open "
            "that one. If this address has TLS too, the proxy before it must pass the Host header on as it came."
        )
    return (
        f"This was sent by a page of {given[:LONGEST_SHOWN]}, which is not an address of this Galaxy. If it should be one, "
        "whoever runs this server adds its name to ALLOWED_HOSTS, or sets PUBLIC_URL to it."
    )


def _own(host: str) -> set[Origin | None]:
    """The origins of pages that were loaded from this host, and the public one."""
    public = _read(settings.PUBLIC_URL)
    loaded = _read(f"{public.scheme if public else 'http'}://{host}")
    own = {public, loaded}
    if loaded and _is_loopback(loaded.host):  # beside a proxy with TLS, the portal is also asked directly
        own.add(_read(f"http://{host}"))
    return own


def _read(text: str) -> Origin | None:
    """The origin of an address; None when it has none (a sandboxed page's is `null`)."""
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
