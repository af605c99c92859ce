"""Credentials of a request or socket, read from its ASGI scope and not yet checked."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.http import parse_cookie

PROXIED = "galaxy.proxied"
UNPROXIED = "galaxy.unproxied"  # why a person named by a proxy was refused, in words for them


class Proxied(NamedTuple):
    """A person named by a trusted proxy: their address, and until when (seconds since 1970) connections stay open."""

    email: str
    until: float


class Credentials(NamedTuple):
    """At most one credential of each kind. `bearer` is empty for an unreadable header, which must fail and not be ignored."""

    bearer: str | None = None
    proxied: Proxied | None = None
    session_key: str | None = None

    @property
    def are_none(self) -> bool:
        """Check that there are no credentials at all."""
        return self.bearer is None and self.proxied is None and self.session_key is None


def unproxied(scope: Mapping[str, Any]) -> str:
    """Explain why a proxy's person was refused, in words for them; empty if none was named or the sender is not the proxy."""
    return str(scope.get(UNPROXIED) or "")


def of_scope(scope: Mapping[str, Any]) -> Credentials:
    """Read the credentials of an ASGI scope; `accounts.identity.proxy` has already added those of a trusted proxy."""
    bearers, cookies = [], []
    for name, value in scope["headers"]:
        if name == b"authorization":
            bearers.append(value.decode("latin1"))
        elif name == b"cookie":
            cookies.append(value.decode("latin1"))
    session_key = parse_cookie("; ".join(cookies)).get(settings.SESSION_COOKIE_NAME) or ""
    # A quoted cookie may contain anything, and PostgreSQL refuses NUL.
    return Credentials(_bearer(bearers), scope.get(PROXIED), session_key if session_key and "\0" not in session_key else None)


def _bearer(values: list[str]) -> str | None:
    """Read the token of RFC 6750, section 2.1. Tokens in addresses or forms are not accepted."""
    if not values:
        return None
    scheme, _, token = values[0].partition(" ")
    return token.strip() if len(values) == 1 and scheme.lower() == "bearer" else ""
