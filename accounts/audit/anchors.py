"""Ends of the chain that were noted outside the database, so that nobody can cut it short and set its head back unseen."""

import os
from pathlib import Path

import msgspec
from django.conf import settings

from accounts.audit import chain
from accounts.audit.chain import Head


class _Anchor(msgspec.Struct):
    seq: int
    digest: str


def note() -> Head:
    """Add the chain's present end to the notes; once a minute is often enough. Raises OSError."""
    head, file = chain.head(), _file()
    file.parent.mkdir(parents=True, exist_ok=True)
    noted = noted_heads()
    if not noted or noted[-1] != head:
        line = msgspec.json.encode(_Anchor(head.seq, head.digest.hex())) + b"\n"
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as handle:
            handle.write(line)
    return head


def noted_heads() -> list[Head]:
    """What was noted, the oldest first; a line that was cut by a crash is passed over."""
    try:
        lines = _file().read_bytes().splitlines()
    except FileNotFoundError:
        return []
    return [head for head in map(_read, lines) if head]


def _read(line: bytes) -> Head | None:
    try:
        anchor = msgspec.json.decode(line, type=_Anchor)
        return Head(anchor.seq, bytes.fromhex(anchor.digest))
    except (msgspec.DecodeError, ValueError):
        return None


def _file() -> Path:
    return Path(settings.AUDIT_ANCHORS)
