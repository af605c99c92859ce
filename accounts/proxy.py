"""Sign-in by a reverse proxy's header: believed from proxies that the operator lists and that know the secret, from no other.

Who the proxy is, is the address of the connection itself: forwarding headers say nothing here. Whatever is believed or not, the
headers end here: no later code, page or log can see them. notes: docs/trust.md.
"""

import hmac
import time
from collections.abc import Iterable
from functools import cache
from ipaddress import ip_address
from typing import Any, NamedTuple

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts import attempts, claims, clients, networks, proxy_jwt
from accounts.credentials import PROXIED, UNPROXIED, Proxied

SHORTEST_SECRET = 24
BLANKS = b" \t"  # around a header's value they are no part of it (RFC 9110, 5.5): some servers leave them there
Headers = list[tuple[bytes, bytes]]


class Refused(Exception):
    """The header is not believed. Says why, for the audit; `words` are for the person whom a proxy has just named."""

    def __init__(self, why: str, words: str = "") -> None:
        super().__init__(why)
        self.words = words


class Rules(NamedTuple):
    """Who is believed. Header names are in lower case; `secrets` are one, or two while the old one is being replaced."""

    networks: tuple[networks.Network, ...]
    user_header: bytes
    secret_header: bytes
    secrets: tuple[bytes, ...]
    token: proxy_jwt.Rules | None = None
    seconds: float = 3600.0  # how long what a plain header opened is held open

    @property
    def headers(self) -> frozenset[bytes]:
        """The headers that only a trusted proxy may send."""
        own = {self.user_header, self.secret_header}
        return frozenset(own | {self.token.header} if self.token else own)


def rules(
    *,
    proxies: Iterable[str],
    user_header: str,
    secret_header: str,
    secrets: Iterable[str],
    token: proxy_jwt.Rules | None,
    seconds: float = 3600.0,
) -> Rules:
    """The rules of the settings. Raises ImproperlyConfigured for those that would let a stranger in."""
    trusted = networks.trusted(proxies)
    known = tuple(secret.encode() for secret in secrets)
    if trusted and not known and token is None:
        raise ImproperlyConfigured(
            "TRUSTED_PROXIES is set without PROXY_SHARED_SECRET: everything on these addresses could sign in as anybody. "
            "Set a secret of 24 characters or more, the same at the proxy."
        )
    if any(len(secret) < SHORTEST_SECRET for secret in known):
        raise ImproperlyConfigured("PROXY_SHARED_SECRET is too short to be a secret. Use 24 characters or more.")
    if (known or token) and not trusted:
        raise ImproperlyConfigured("PROXY_SHARED_SECRET is set without TRUSTED_PROXIES: name the addresses of your proxy.")
    return Rules(trusted, user_header.lower().encode(), secret_header.lower().encode(), known, token, seconds)


@cache
def rules_in_force() -> Rules:
    """The rules of this installation. Raises ImproperlyConfigured; asked at every start (`accounts.apps`)."""
    given = settings.ENVIRONMENT
    token = None
    if given.proxy_jwt_header:
        token = proxy_jwt.rules(
            given.proxy_jwt_header,
            given.proxy_jwt_keys_url,
            given.proxy_jwt_issuer,
            given.proxy_jwt_audience,
            claim=given.proxy_jwt_email_claim,
            is_trusted=given.proxy_jwt_email_trusted,
        )
    return rules(
        proxies=given.listed(given.trusted_proxies),
        user_header=given.proxy_user_header,
        secret_header=given.proxy_secret_header,
        secrets=given.listed(given.proxy_shared_secret),
        token=token,
        seconds=given.proxy_session_seconds,
    )


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
        examined = {**scope, "headers": kept, clients.CLIENT: _client(rules, scope, taken)}
        if not taken:
            return examined
        try:
            examined[PROXIED] = await believed(rules, scope.get("client"), taken)
        except Refused as refusal:
            if any(_plain(name) != rules.secret_header for name, _ in taken):
                examined[UNPROXIED] = refusal.words
                attempts.note(examined, str(refusal))
        return examined


async def believed(rules: Rules, client: tuple[str, int] | None, headers: Headers) -> Proxied:
    """Whom a trusted proxy names, and until when. Raises Refused."""
    if not is_trusted(client[0] if client else "", rules):
        raise Refused("it did not come from a trusted proxy")
    try:
        if rules.token:
            return await proxy_jwt.named_in(rules.token, _only(headers, rules.token.header))
        if not _knows_secret(rules, headers):
            raise Refused("the proxy's secret is wrong")
        address = claims.read_address(_only(headers, rules.user_header).decode())
    except UnicodeDecodeError as error:
        raise Refused("the address is not text") from error
    except claims.NotVouched as error:
        raise Refused(f"the proxy {error}", f"The proxy before this portal {error}.") from error
    except proxy_jwt.BadStatement as error:
        raise Refused(str(error), error.words) from error
    return Proxied(address, time.time() + rules.seconds)


def _client(rules: Rules, scope: Any, taken: Headers) -> str:
    """For whom the connection speaks. A proxy is believed that by its address, and by its secret where it has one."""
    peer = clients.peer_of(scope)
    if not is_trusted(peer, rules):
        return peer
    try:
        speaks_for_others = not rules.secrets or _knows_secret(rules, taken)
    except Refused:
        return peer
    said = clients.forwarded(scope["headers"], lambda hop: is_trusted(hop, rules)) if speaks_for_others else ""
    return said or peer


def _knows_secret(rules: Rules, headers: Headers) -> bool:
    """Each is compared, so that the time tells nothing of which one it was. Raises Refused."""
    given = _only(headers, rules.secret_header)
    return bool(sum(hmac.compare_digest(given, secret) for secret in rules.secrets))


def is_trusted(peer: str, rules: Rules | None = None) -> bool:
    """Whether the address is a trusted proxy's, by the rules in force or by those given."""
    plain = clients.plain(peer)
    return bool(plain) and any(ip_address(plain) in network for network in (rules or rules_in_force()).networks)


def _only(headers: Headers, name: bytes) -> bytes:
    """The one value of a header. Raises Refused for none, for several, and for a name that a CGI would take for the same."""
    values = [value for given, value in headers if _plain(given) == name]
    exact = [value for given, value in headers if given.lower() == name]
    if len(values) != 1 or values != exact:
        raise Refused(f"{name.decode()} must stand there exactly once, it stands there {len(values)} times")
    return exact[0].strip(BLANKS)


def _sorted(headers: Iterable[tuple[bytes, bytes]], names: frozenset[bytes]) -> tuple[Headers, Headers]:
    """The headers with these names in any spelling, and the others."""
    taken: Headers = []
    kept: Headers = []
    for header in headers:
        (taken if _plain(header[0]) in names else kept).append(header)
    return taken, kept


def _plain(name: bytes) -> bytes:
    return name.lower().replace(b"_", b"-")
