"""Redirects, followed by our own code: each is a new request, to an address that the other side chose."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from multidict import CIMultiDict
from yarl import URL

from accounts.egress import targets
from accounts.egress.calls import Order, checked
from accounts.egress.errors import Forbidden
from accounts.egress.targets import origin_of

REDIRECTS = frozenset((301, 302, 303, 307, 308))
SEE_OTHER = 303
# Headers that may go to another site: those that grant nothing. Keys also travel as X-API-Key and under unknown names.
HARMLESS = frozenset(("accept", "accept-language", "content-type", "user-agent", "if-modified-since", "if-none-match"))
OF_BODY = frozenset(("content-type", "content-language", "content-location"))


@dataclass(frozen=True)
class Hop:
    """One request on the way to the final answer."""

    method: str
    url: URL
    headers: CIMultiDict[str]
    body: bytes | None


def first(url: str, order: Order) -> Hop:
    """Build the first request. Raises BadAddress, BadHeader."""
    return Hop(order.method.upper(), targets.parse(url), checked(order.headers), order.body)


def after(hop: Hop, status: int, location: str | None) -> Hop | None:
    """Build the request that a redirect asks for; None if the answer is final. Raises BadAddress, Forbidden."""
    if status not in REDIRECTS or not location:
        return None
    url = targets.follow(hop.url, location)
    if hop.url.scheme == "https" and url.scheme == "http":
        raise Forbidden("The site redirects to an address without encryption.")
    following = _with_method(replace(hop, url=url), status)
    return following if origin_of(url) == origin_of(hop.url) else _among_strangers(following)


def _with_method(hop: Hop, status: int) -> Hop:
    """Apply RFC 9110, 15.4: 303 becomes GET, 301 and 302 turn a POST into GET as all clients do, others keep the method."""
    to_get = hop.method != "HEAD" if status == SEE_OTHER else status in (301, 302) and hop.method == "POST"
    if not to_get:
        return hop
    return replace(hop, method="GET", body=None, headers=_filtered(hop, lambda name: name not in OF_BODY))


def _among_strangers(hop: Hop) -> Hop:
    return replace(hop, headers=_filtered(hop, lambda name: name in HARMLESS))


def _filtered(hop: Hop, keep: Callable[[str], bool]) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in hop.headers.items() if keep(name.lower()))
