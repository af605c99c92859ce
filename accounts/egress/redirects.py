"""Redirects, followed by hand: each is a new request, to an address of the other side's choice."""

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
# To another site go only headers that give nobody rights: keys also travel as X-API-Key and under names that we do not know.
HARMLESS = frozenset(("accept", "accept-language", "content-type", "user-agent", "if-modified-since", "if-none-match"))
OF_BODY = frozenset(("content-type", "content-language", "content-location"))


@dataclass(frozen=True)
class Hop:
    """One request on the way to an answer."""

    method: str
    url: URL
    headers: CIMultiDict[str]
    body: bytes | None


def first(url: str, order: Order) -> Hop:
    """The request that was asked for. Raises BadAddress, BadHeader."""
    return Hop(order.method.upper(), targets.parse(url), checked(order.headers), order.body)


def after(hop: Hop, status: int, location: str | None) -> Hop | None:
    """The request that the answer asks for; None when the answer is the end of it. Raises BadAddress, Forbidden."""
    if status not in REDIRECTS or not location:
        return None
    url = targets.follow(hop.url, location)
    if hop.url.scheme == "https" and url.scheme == "http":
        raise Forbidden("The site sends its visitors on to an address without encryption.")
    following = _with_method(replace(hop, url=url), status)
    return following if origin_of(url) == origin_of(hop.url) else _among_strangers(following)


def _with_method(hop: Hop, status: int) -> Hop:
    """RFC 9110, 15.4: 303 always asks by GET, 301 and 302 make a POST one, as all clients do; the others keep everything."""
    to_get = hop.method != "HEAD" if status == SEE_OTHER else status in (301, 302) and hop.method == "POST"
    if not to_get:
        return hop
    return replace(hop, method="GET", body=None, headers=_filtered(hop, lambda name: name not in OF_BODY))


def _among_strangers(hop: Hop) -> Hop:
    return replace(hop, headers=_filtered(hop, lambda name: name in HARMLESS))


def _filtered(hop: Hop, keep: Callable[[str], bool]) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in hop.headers.items() if keep(name.lower()))
