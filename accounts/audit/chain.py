"""The chain in the database: entries are appended under a lock and never changed. Verifying reads all of them again."""

import logging
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from accounts.audit.actor import GALAXY
from accounts.audit.entry import FIRST, Entry, link, now

COLUMNS = ", ".join(field for field in Entry.__struct_fields__)
READ_AT_ONCE = 5_000
LAST = 2**63 - 1  # the largest number an entry can have

logger = logging.getLogger(__name__)


class Head(NamedTuple):
    """The end of the chain: the last entry's number and its 32-byte digest."""

    seq: int
    digest: bytes


class HeadLost(Exception):
    """The row with the chain's end is missing. The next entry rebuilds it."""


class Flaw(NamedTuple):
    """A broken place in the chain, and what is wrong there."""

    seq: int
    what: str


def key() -> bytes:
    """Return the key that signs the chain. It is outside the database: write access there is not enough to forge an entry."""
    return str(settings.AUDIT_KEY).encode()


def add(entries: Iterable[Entry]) -> Head:
    """Append entries, all or none; one process at a time. Raises DatabaseError."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT seq, digest FROM accounts_audithead WHERE id = 1 FOR UPDATE")
        found, told = cursor.fetchone(), []
        if found is None:
            found, told = _rebuilt_head(cursor), [_head_lost()]
        seq, digest = found
        rows = []
        for entry in (*told, *entries):
            seq, digest = seq + 1, link(key(), bytes(digest), seq + 1, entry)
            rows.append((seq, digest, *msgspec.structs.astuple(entry)))
        marks = ", ".join(["%s"] * (len(Entry.__struct_fields__) + 2))
        cursor.executemany(f"INSERT INTO accounts_auditentry (seq, digest, {COLUMNS}) VALUES ({marks})", rows)  # noqa: S608
        cursor.execute("UPDATE accounts_audithead SET seq = %s, digest = %s WHERE id = 1", [seq, digest])
    return Head(seq, bytes(digest))


def _head_lost() -> Entry:
    nothing = dict.fromkeys(("tenant", "person", "client", "kind", "target", "correlation", "detail"), "")
    return Entry(at=now(), via=GALAXY.via, action="audit.head_lost", outcome="failed", milliseconds=None, **nothing)


def _rebuilt_head(cursor: CursorWrapper) -> tuple[int, bytes]:
    """Rebuild a missing head from the last entry, so that recording continues; anchors reveal whether entries are missing."""
    logger.error("The head of the audit's chain was missing and is rebuilt from the last entry. Run: manage.py audit verify")
    cursor.execute("LOCK TABLE accounts_audithead IN EXCLUSIVE MODE")  # several processes may find it missing
    cursor.execute("SELECT seq, digest FROM accounts_auditentry ORDER BY seq DESC LIMIT 1")
    seq, digest = cursor.fetchone() or (0, FIRST)
    sql = """INSERT INTO accounts_audithead (id, seq, digest) VALUES (1, %s, %s)
        ON CONFLICT (id) DO UPDATE SET id = 1 RETURNING seq, digest"""
    cursor.execute(sql, [seq, digest])
    seq, digest = cursor.fetchone()
    return seq, digest


def head() -> Head:
    """Return the end of the chain according to the database. Raises HeadLost."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, digest FROM accounts_audithead WHERE id = 1")
        found = cursor.fetchone()
    if found is None:
        raise HeadLost
    seq, digest = found
    return Head(seq, bytes(digest))


def is_sound(anchor: Head | None) -> bool:
    """Check quickly that head, last entry and newest anchor agree; `flaws` reads the whole chain."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT seq FROM accounts_audithead WHERE id = 1), (SELECT max(seq) FROM accounts_auditentry)")
        end, last = cursor.fetchone()
    return end is not None and end == (last or 0) and (anchor is None or holds(anchor))


def holds(anchor: Head) -> bool:
    """Check that the chain has exactly the noted entry at that place."""
    if anchor.seq == 0:
        return anchor.digest == FIRST
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest FROM accounts_auditentry WHERE seq = %s", [min(anchor.seq, LAST)])
        found = cursor.fetchone()
    return found is not None and bytes(found[0]) == anchor.digest


def flaws(anchors: Iterable[Head] = ()) -> Iterator[Flaw]:
    """Find every broken place: an entry changed, removed, moved or added without the key.

    `anchors` are earlier ends of the chain, noted elsewhere: they reveal a chain that was cut short with its head set back.
    """
    known, signing = {anchor.seq: anchor.digest for anchor in anchors}, key()
    previous, expected = FIRST, 1
    for seq, digest, entry in _rows():
        if seq != expected:
            yield Flaw(expected, f"entries {expected} to {seq - 1} are missing")
        elif link(signing, previous, seq, entry) != digest:
            yield Flaw(seq, "the entry was changed or moved")
        if known.pop(seq, digest) != digest:
            yield Flaw(seq, "the entry differs from its anchor")
        previous, expected = digest, seq + 1
    try:
        there = head()
    except HeadLost:
        yield Flaw(expected - 1, "the chain's head is missing; the next entry rebuilds it")
        there = Head(expected - 1, previous)
    end = max([there.seq, *known])
    if end >= expected:
        yield Flaw(expected, f"entries {expected} to {end} are missing at the end")
    elif there != Head(expected - 1, previous):
        yield Flaw(expected - 1, "the chain's head is not its last entry")


def _rows() -> Iterator[tuple[int, bytes, Entry]]:
    """Read all entries in order through a server-side cursor, which keeps memory small however long the chain is."""
    connection.ensure_connection()
    with transaction.atomic(), connection.connection.cursor(name="audit") as cursor:
        cursor.itersize = READ_AT_ONCE
        cursor.execute(f"SELECT seq, digest, {COLUMNS} FROM accounts_auditentry ORDER BY seq")  # noqa: S608
        for seq, digest, *fields in cursor:
            yield seq, bytes(digest), Entry(*fields)
