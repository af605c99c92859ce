"""Which pages may open a socket. A browser sends the cookie along whatever page asks, so the page's origin must be ours."""

import ipaddress
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from accounts.credentials import of_scope

PORTS = {"http": 80, "https": 443}


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
        if scope["type"] == "websocket" and not is_own(scope["headers"], by_token=of_scope(scope).bearer is not None):
            await receive()  # websocket.connect
            await send({"type": "websocket.close", "code": 1008, "reason": None})
            return
        await self._application(scope, receive, send)


def is_own(headers: Iterable[tuple[bytes, bytes]], *, by_token: bool = False) -> bool:
    """Whether the request's Origin is the portal's, by its own Host or by PUBLIC_URL.

    A program that shows a token needs none: no page of a browser can, so none can borrow what it does not have.
    """
    given = list(headers)
    origins = [value.decode("latin1") for name, value in given if name == b"origin"]
    hosts = [value.decode("latin1") for name, value in given if name == b"host"]
    if len(hosts) != 1 or not validate_host(split_domain_port(hosts[0])[0], settings.ALLOWED_HOSTS):
        return False
    if by_token and not origins:
        return True
    if len(origins) != 1:
        return False
    origin = _read(origins[0])
    return origin is not None and origin in _own(hosts[0])


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
