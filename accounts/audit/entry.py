"""One entry of the audit, and the bytes that its link in the chain is computed from."""

import hmac
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from accounts.audit.redaction import redacted

Outcome = Literal["ok", "refused", "failed"]
FIRST = b"\x00" * 32


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One recorded action. `at` is UTC, `detail` JSON without secrets. Ids are text: an entry outlives the things it names."""

    at: datetime
    tenant: str
    person: str
    via: str
    client: str
    action: str
    kind: str
    target: str
    outcome: str
    milliseconds: int | None
    correlation: str
    detail: str


_encode = msgspec.json.Encoder(order="deterministic").encode


def detail_of(values: dict[str, Any]) -> str:
    """Encode an entry's detail as JSON, without secrets; equal values give equal text."""
    return _encode(redacted(values)).decode().replace("\\u0000", "\\ufffd") if values else ""


def canonical(seq: int, entry: Entry) -> bytes:
    """Encode an entry at its place in the chain: the bytes that are signed. They depend on the values alone."""
    return _encode((seq, entry))


def link(key: bytes, previous: bytes, seq: int, entry: Entry) -> bytes:
    """Compute the entry's 32-byte digest: HMAC-SHA256 (RFC 2104) over the previous digest and this entry."""
    return hmac.digest(key, previous + canonical(seq, entry), "sha256")


def now() -> datetime:
    """Return the current time as the audit stores it: UTC, to the microsecond, as in PostgreSQL."""
    return datetime.now(UTC)
