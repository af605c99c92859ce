"""The audit as JSON lines: one entry a line, in the order in which they were written."""

from collections.abc import Iterator
from typing import Any

import msgspec
from django.db.models import QuerySet

from accounts.audit.entry import Entry
from accounts.models import AuditEntry

READ_AT_ONCE = 2_000


def lines(entries: "QuerySet[AuditEntry]") -> Iterator[bytes]:
    """Each entry as a line of JSON, with its number and its link in the chain in hexadecimal digits."""
    for entry in entries.order_by("seq").iterator(READ_AT_ONCE):
        yield msgspec.json.encode(_plain(entry)) + b"\n"


def _plain(entry: AuditEntry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in ("seq", *Entry.__struct_fields__)}
    detail = msgspec.Raw(entry.detail.encode()) if entry.detail else {}
    return values | {"detail": detail, "digest": bytes(entry.digest).hex()}
