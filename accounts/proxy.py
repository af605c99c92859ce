"""Sign-in by a reverse proxy's header: believed from proxies that the operator lists and that know the secret, from no other.

Who the proxy is, is the address of the connection itself: forwarding headers say nothing here. Whatever is believed or not, the
headers end here: no later code, page or log can see them. notes: docs/trust.md.
"""

import hmac
import ipaddress
import re
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts import attempts, proxy_jwt
from accounts.credentials import PROXIED

SHORTEST_SECRET = 24
LONGEST_ADDRESS = 254
ADDRESS = re.compile(r"[^\s,@<>\"\x00-\x1f\x7f]+@[^\s,@<>\"\x00-\x1f\x7f]+")
Headers = list[tuple[bytes, bytes]]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Refused(Exception):
    """The header is not believed. Says why, for the audit."""


class Rules(NamedTuple):
    """Who is believed. Header names are in lower case; `secrets` are one, or two while the old one is being replaced."""

    networks: tuple[Network, ...]
    user_header: bytes
    secret_header: bytes
    secrets: tuple[bytes, ...]
    token: proxy_jwt.Rules | None = None

    @property
    def headers(self) -> frozenset[bytes]:
        """The headers that only a trusted proxy may send."""
        own = {self.user_header, self.secret_header}
        return frozenset(own | {self.token.header} if self.token else own)


def rules(
    *, proxies: Iterable[str], user_header: str, secret_header: str, secrets: Iterable[str], token: proxy_jwt.Rules | None
) -> Rules:
    """The rules of the settings. Raises ImproperlyConfigured for those that would let a stranger in."""
    networks = tuple(_network(text) for text in proxies)
    known = tuple(secret.encode() for secret in secrets)
    if networks and not known and token is None:
        raise ImproperlyConfigured(
            "TRUSTED_PROXIES is set without PROXY_SHARED_SECRET: everything on these addresses could sign in as anybody. "
            "Set a secret of 24 characters or more, the same at the proxy."
        )
    if any(len(secret) < SHORTEST_SECRET for secret in known):
        raise ImproperlyConfigured("PROXY_SHARED_SECRET is too short to be a secret. Use 24 characters or more.")
    if (known or token) and not networks:
        raise ImproperlyConfigured("PROXY_SHARED_SECRET is set without TRUSTED_PROXIES: name the addresses of your proxy.")
    return Rules(networks, user_header.lower().encode(), secret_header.lower().encode(), known, token)


@cache
def rules_in_force() -> Rules:
    """The rules of this installation. Raises ImproperlyConfigured; asked at every start (`accounts.apps`)."""
    given = settings.ENVIRONMENT
    token = None
    if given.proxy_jwt_header:
        token = proxy_jwt.rules(
            given.proxy_jwt_header, given.proxy_jwt_keys_url, given.proxy_jwt_issuer, given.proxy_jwt_audience
        )
    return rules(
        proxies=given.listed(given.trusted_proxies),
        user_header=given.proxy_user_header,
        secret_header=given.proxy_secret_header,
        secrets=given.listed(given.proxy_shared_secret),
        token=token,
    )


def _network(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"TRUSTED_PROXIES: {text} is no address or network such as 10.0.0.0/24.") from error
    if network.prefixlen == 0:
        raise ImproperlyConfigured("TRUSTED_PROXIES trusts every address there is. Name those of your proxy.")
    return network


class TrustedProxy:
    """Takes the proxy's headers out of every request and socket; whom a trusted proxy names, it leaves in the scope."""

    def __init__(self, application: ASGI3Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Serve one request or socket."""
        if scope["type"] in {"http", "websocket"}:
            scope = await self._examined(scope)
        await self._application(scope, receive, send)

    async def _examined(self, scope: Any) -> Any:
        rules = rules_in_force()
        taken, kept = _sorted(scope["headers"], rules.headers)
        if not taken:
            return scope
        examined = {**scope, "headers": kept}
        try:
            examined[PROXIED] = await believed(rules, scope.get("client"), taken)
        except Refused as refusal:
            if any(_plain(name) != rules.secret_header for name, _ in taken):
                attempts.note(scope, str(refusal))
        return examined


async def believed(rules: Rules, client: tuple[str, int] | None, headers: Headers) -> str:
    """The e-mail address that a trusted proxy names. Raises Refused."""
    if not is_trusted(client[0] if client else "", rules):
        raise Refused("it did not come from a trusted proxy")
    if rules.token:
        try:
            return _address(await proxy_jwt.address_of(rules.token, _only(headers, rules.token.header)))
        except proxy_jwt.BadStatement as error:
            raise Refused(str(error)) from error
    given = _only(headers, rules.secret_header)
    # Each is compared, so that the time tells nothing of which one it was.
    if not sum(hmac.compare_digest(given, secret) for secret in rules.secrets):
        raise Refused("the proxy's secret is wrong")
    return _address(_only(headers, rules.user_header))


def is_trusted(peer: str, rules: Rules | None = None) -> bool:
    """Whether the address is a trusted proxy's, by the rules in force or by those given."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in (rules or rules_in_force()).networks)


def _only(headers: Headers, name: bytes) -> bytes:
    """The one value of a header. Raises Refused for none, for several, and for a name that a CGI would take for the same."""
    values = [value for given, value in headers if _plain(given) == name]
    exact = [value for given, value in headers if given.lower() == name]
    if len(values) != 1 or values != exact:
        raise Refused(f"{name.decode()} must stand there exactly once, it stands there {len(values)} times")
    return exact[0]


def _address(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        raise Refused("the address is no text") from error
    if len(text) > LONGEST_ADDRESS or not ADDRESS.fullmatch(text):
        raise Refused("the header holds no single e-mail address")
    lower = text.lower()
    if lower.isascii() and not text.isascii():
        raise Refused("the address has a character that turns into another's in lower case")  # U+212A becomes k
    return lower


def _sorted(headers: Iterable[tuple[bytes, bytes]], names: frozenset[bytes]) -> tuple[Headers, Headers]:
    """The headers with these names in any spelling, and the others."""
    taken: Headers = []
    kept: Headers = []
    for header in headers:
        (taken if _plain(header[0]) in names else kept).append(header)
    return taken, kept


def _plain(name: bytes) -> bytes:
    return name.lower().replace(b"_", b"-")
