"""Values of an outgoing call: the request, its answer, and the report on it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Required, TypedDict

import orjson
from multidict import CIMultiDict, CIMultiDictProxy

from accounts.egress.errors import BadAnswer, BadHeader

MOST_REDIRECTS = 3
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110, 5.6.2
CHARSET = re.compile(r"""charset=["']?([\w.:-]+)""", re.IGNORECASE)
# Headers of the client itself (RFC 9110, 7.6.1 and 8.6): a caller who set one would send another request than was checked.
OWN_HEADERS = frozenset((
    "accept-encoding", "connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization",
    "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
))  # fmt: skip


class Done(NamedTuple):
    """Report on a finished call. It leaves out path and query: those of webhooks are credentials."""

    method: str
    origin: str  # of the last request, such as https://example.org:443; empty if the address was refused
    status: int | None
    outcome: str  # "ok", the name of the error, or "Abandoned" if the caller gave up
    received: int  # bytes of bodies as they arrived
    seconds: float
    redirects: int
    by_operator: bool


class Options(TypedDict, total=False):
    """Options of a call. The limits have no default: only the caller knows how much is enough.

    `seconds` covers everything, redirects and body included. `most_bytes` counts the unpacked body. `by_operator` is for
    addresses that the operator configured: their host and port may be anywhere; redirects may not lead to other private places.
    `redirects` is how many are followed: 0 if the body holds a secret. `on_done` is called once, in the event loop; it must
    neither wait nor raise.
    """

    most_bytes: Required[int]
    seconds: Required[float]
    method: str
    headers: Mapping[str, str] | None
    body: bytes | None
    by_operator: bool
    redirects: int
    on_done: Callable[[Done], None] | None


@dataclass(frozen=True, kw_only=True)
class Order:
    """The options with their defaults filled in."""

    most_bytes: int
    seconds: float
    method: str = "GET"
    headers: Mapping[str, str] | None = None
    body: bytes | None = None
    by_operator: bool = False
    redirects: int = MOST_REDIRECTS
    on_done: Callable[[Done], None] | None = None


@dataclass(frozen=True)
class Answer:
    """A whole answer, whatever its status. `url` is the last address, after redirects."""

    status: int
    headers: CIMultiDictProxy[str]
    url: str
    body: bytes

    @property
    def text(self) -> str:
        """Decode the body as text, replacing unreadable characters."""
        named = CHARSET.search(self.headers.get("Content-Type", ""))
        try:
            return self.body.decode(named[1] if named else "utf-8", errors="replace")
        except LookupError:  # an unknown charset
            return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """Parse the body as JSON. Raises BadAnswer."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise BadAnswer("The site did not answer with JSON.") from None


def checked(headers: Mapping[str, str] | None) -> CIMultiDict[str]:
    """Return the headers if each of them may be sent. Raises BadHeader."""
    for name, value in (headers or {}).items():
        if not TOKEN.fullmatch(name) or name.lower() in OWN_HEADERS or not value.isprintable():
            raise BadHeader(name)
    return CIMultiDict(headers or {})
