"""One entry of the audit, and the bytes that its place in the chain is computed from."""

import hmac
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from accounts.audit.redaction import redacted

Outcome = Literal["ok", "refused", "failed"]
FIRST = b"\x00" * 32


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """What happened. `at` is in UTC, `detail` JSON without secrets; ids are text: an entry outlives its things."""

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
    """The JSON text of an entry's detail, without secrets and always the same for the same values."""
    return _encode(redacted(values)).decode().replace("\\u0000", "\\ufffd") if values else ""


def canonical(seq: int, entry: Entry) -> bytes:
    """The bytes of an entry at its place. They depend on nothing but the values: it is what the chain signs."""
    return _encode((seq, entry))


def link(key: bytes, previous: bytes, seq: int, entry: Entry) -> bytes:
    """The entry's 32 bytes in the chain: HMAC-SHA256 (RFC 2104) over the entry before and this one."""
    return hmac.digest(key, previous + canonical(seq, entry), "sha256")


def now() -> datetime:
    """The moment as the audit keeps it: UTC, to the microsecond, as PostgreSQL does."""
    return datetime.now(UTC)
