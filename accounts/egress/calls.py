"""What is asked, what is told of it, and what comes back: the values of an outgoing call."""

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
# The client's own (RFC 9110, 7.6.1 and 8.6): with one of them, a request says something else than was checked.
OWN_HEADERS = frozenset((
    "accept-encoding", "connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization",
    "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
))  # fmt: skip


class Done(NamedTuple):
    """What is kept of a call that is over. It holds no path and no query: those of webhooks are credentials."""

    method: str
    origin: str  # where the last request went, such as https://example.org:443; empty when the address was refused
    status: int | None
    outcome: str  # "ok", the name of the error, or "Abandoned" where the caller went away
    received: int  # bytes of bodies as they came over the wire
    seconds: float
    redirects: int
    by_operator: bool


class Options(TypedDict, total=False):
    """How to call. Only the limits have no default: nobody but the caller knows what is enough.

    `seconds` is the time for all of it, redirects and body included. `most_bytes` is counted once the body is unpacked.
    `by_operator` is for addresses that the operator configured: their host and port may be anywhere, redirects elsewhere not.
    `redirects` is how many are followed: 0 where a body holds a secret. `on_done` is called once, in the event loop; it must
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
    """The same with its defaults."""

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
    """A whole answer, whatever its status. `url` is where it came from in the end."""

    status: int
    headers: CIMultiDictProxy[str]
    url: str
    body: bytes

    @property
    def text(self) -> str:
        """The body as text; characters that cannot be read are replaced."""
        named = CHARSET.search(self.headers.get("Content-Type", ""))
        try:
            return self.body.decode(named[1] if named else "utf-8", errors="replace")
        except LookupError:  # a charset that nobody knows
            return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """The body as JSON. Raises BadAnswer."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise BadAnswer("The site answered something else than JSON.") from None


def checked(headers: Mapping[str, str] | None) -> CIMultiDict[str]:
    """The headers, when each may be sent. Raises BadHeader."""
    for name, value in (headers or {}).items():
        if not TOKEN.fullmatch(name) or name.lower() in OWN_HEADERS or not value.isprintable():
            raise BadHeader(name)
    return CIMultiDict(headers or {})
