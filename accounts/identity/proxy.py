"""Sign-in by a reverse proxy's header, accepted only from listed proxies that know the secret.

A proxy is recognized by the address of the connection itself; forwarding headers do not count. Accepted or not, the headers are
removed here: no later code, page or log sees them. See docs/trust.md.
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

from accounts.audit import clients
from accounts.identity import claims, failed_logins, proxy_jwt, trusted_networks
from accounts.identity.credentials import PROXIED, UNPROXIED, Proxied

SHORTEST_SECRET = 24
BLANKS = b" \t"  # surrounding blanks are not part of a header's value (RFC 9110, 5.5), but some servers leave them
Headers = list[tuple[bytes, bytes]]


class Refused(Exception):
    """The header is not accepted. The message is for the audit; `words` are for the person whom the proxy named."""

    def __init__(self, why: str, words: str = "") -> None:
        super().__init__(why)
        self.words = words


class Rules(NamedTuple):
    """Rules for accepting a proxy. Header names are in lower case; there are two `secrets` while one is being replaced."""

    networks: tuple[trusted_networks.Network, ...]
    user_header: bytes
    secret_header: bytes
    secrets: tuple[bytes, ...]
    token: proxy_jwt.Rules | None = None
    seconds: float = 3600.0  # lifetime of what a plain header opened

    @property
    def headers(self) -> frozenset[bytes]:
        """List the headers that only a trusted proxy may send."""
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
    """Build the rules from the settings. Raises ImproperlyConfigured for rules that would let strangers in."""
    trusted = trusted_networks.trusted(proxies)
    known = tuple(secret.encode() for secret in secrets)
    if trusted and not known and token is None:
        raise ImproperlyConfigured(
            "TRUSTED_PROXIES is set without PROXY_SHARED_SECRET: anything at these addresses could sign in as anyone. "
            "Set a secret of 24 characters or more, the same at the proxy."
        )
    if any(len(secret) < SHORTEST_SECRET for secret in known):
        raise ImproperlyConfigured("PROXY_SHARED_SECRET is too short to be a secret. Use 24 characters or more.")
    if (known or token) and not trusted:
        raise ImproperlyConfigured("PROXY_SHARED_SECRET is set without TRUSTED_PROXIES: name the addresses of your proxy.")
    return Rules(trusted, user_header.lower().encode(), secret_header.lower().encode(), known, token, seconds)


@cache
def rules_in_force() -> Rules:
    """Return this installation's rules. Raises ImproperlyConfigured; called at every start (`accounts.apps`)."""
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
    """Removes the proxy's headers from every request and socket, and adds a trusted proxy's person to the scope."""

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
                failed_logins.note(examined, str(refusal))
        return examined


async def believed(rules: Rules, client: tuple[str, int] | None, headers: Headers) -> Proxied:
    """Return the person named by a trusted proxy. Raises Refused."""
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
    """Return the client's address. A proxy may forward it if it has a trusted address and, where one is set, the secret."""
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
    """Compare with each secret, so that the time does not reveal which one matched. Raises Refused."""
    given = _only(headers, rules.secret_header)
    return bool(sum(hmac.compare_digest(given, secret) for secret in rules.secrets))


def is_trusted(peer: str, rules: Rules | None = None) -> bool:
    """Check whether the address is a trusted proxy's, by the given rules or those in force."""
    plain = clients.plain(peer)
    return bool(plain) and any(ip_address(plain) in network for network in (rules or rules_in_force()).networks)


def _only(headers: Headers, name: bytes) -> bytes:
    """Return a header's only value. Raises Refused for none, several, or a spelling that CGI servers would equate."""
    values = [value for given, value in headers if _plain(given) == name]
    exact = [value for given, value in headers if given.lower() == name]
    if len(values) != 1 or values != exact:
        raise Refused(f"{name.decode()} must be sent exactly once and was sent {len(values)} times")
    return exact[0].strip(BLANKS)


def _sorted(headers: Iterable[tuple[bytes, bytes]], names: frozenset[bytes]) -> tuple[Headers, Headers]:
    """Split the headers into those with these names, in any spelling, and the others."""
    taken: Headers = []
    kept: Headers = []
    for header in headers:
        (taken if _plain(header[0]) in names else kept).append(header)
    return taken, kept


def _plain(name: bytes) -> bytes:
    return name.lower().replace(b"_", b"-")
