"""Export of the audit as JSON lines: one entry per line, in the order of the chain."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
from django.db.models import QuerySet

from accounts.audit.entry import Entry
from accounts.models import AuditEntry
from accounts.storage.connections import in_database

READ_AT_ONCE = 2_000


def lines(entries: "QuerySet[AuditEntry]") -> Iterator[bytes]:
    """Yield each entry as a line of JSON, with its number and its digest in hexadecimal."""
    for entry in entries.order_by("seq").iterator(READ_AT_ONCE):
        yield msgspec.json.encode(_plain(entry)) + b"\n"


async def stream(entries: "QuerySet[AuditEntry]") -> AsyncIterator[bytes]:
    """Stream the lines of a response: one batch in memory at a time, and no database connection held between batches."""
    after = 0
    while batch := await in_database(_batch, entries, after):
        after = batch[-1].seq
        yield b"".join(msgspec.json.encode(_plain(entry)) + b"\n" for entry in batch)


def _batch(entries: "QuerySet[AuditEntry]", after: int) -> list[AuditEntry]:
    return list(entries.filter(seq__gt=after).order_by("seq")[:READ_AT_ONCE])


def _plain(entry: AuditEntry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in ("seq", *Entry.__struct_fields__)}
    detail = msgspec.Raw(entry.detail.encode()) if entry.detail else {}
    return values | {"detail": detail, "digest": bytes(entry.digest).hex()}
