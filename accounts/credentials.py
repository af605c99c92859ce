"""What a request or socket shows of itself, read from its ASGI scope: before anybody has looked whether it is true."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.http import parse_cookie

PROXIED = "galaxy.proxied"
UNPROXIED = "galaxy.unproxied"  # why nobody is believed to be there whom a proxy named, in words for that person


class Proxied(NamedTuple):
    """Whom a trusted proxy names, by address, and until when (seconds since 1970) what they open is held open."""

    email: str
    until: float


class Credentials(NamedTuple):
    """At most one of each kind. `bearer` is empty for a header that cannot be understood: it must fail, not be passed over."""

    bearer: str | None = None
    proxied: Proxied | None = None
    session_key: str | None = None

    @property
    def are_none(self) -> bool:
        """Whether nothing at all is shown."""
        return self.bearer is None and self.proxied is None and self.session_key is None


def unproxied(scope: Mapping[str, Any]) -> str:
    """Why a proxy's word was not believed, for the person whom it named; empty where it named nobody, or was not the proxy."""
    return str(scope.get(UNPROXIED) or "")


def of_scope(scope: Mapping[str, Any]) -> Credentials:
    """The credentials of a request's or socket's scope. `accounts.proxy` has put there whom a trusted proxy names."""
    bearers, cookies = [], []
    for name, value in scope["headers"]:
        if name == b"authorization":
            bearers.append(value.decode("latin1"))
        elif name == b"cookie":
            cookies.append(value.decode("latin1"))
    session_key = parse_cookie("; ".join(cookies)).get(settings.SESSION_COOKIE_NAME) or ""
    # A quoted cookie may hold anything, and PostgreSQL takes no NUL.
    return Credentials(_bearer(bearers), scope.get(PROXIED), session_key if session_key and "\0" not in session_key else None)


def _bearer(values: list[str]) -> str | None:
    """The token of RFC 6750, section 2.1. Tokens in addresses or forms are not taken."""
    if not values:
        return None
    scheme, _, token = values[0].partition(" ")
    return token.strip() if len(values) == 1 and scheme.lower() == "bearer" else ""
