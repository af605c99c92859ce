"""Anchors: ends of the audit's chain noted outside the database, so that no one can cut the chain short unnoticed.

Each batch is noted in Redis, which every machine sees, and in a file on the machine that wrote it; the file `anchors.jsonl`
also keeps one end per minute. Entries after the newest anchor could be cut unnoticed; `manage.py audit verify` says so. An
anchor that the chain contradicts is never overwritten: the chain keeps growing after a cut and would soon be longer again.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from accounts.audit import chain
from accounts.audit.chain import Head, HeadLost

KEY = "audit:head"
REDIS_SECONDS = 1.0
TAIL = 1024  # bytes, more than a line has
_RAISE = """
local known = redis.call('HMGET', KEYS[1], 'seq', 'digest')
if (known[1] or '') == ARGV[3] and (known[2] or '') == ARGV[4] then
    redis.call('HSET', KEYS[1], 'seq', ARGV[1], 'digest', ARGV[2])
end"""

logger = logging.getLogger(__name__)


class _Anchor(msgspec.Struct):
    seq: int
    digest: str


def note_batch(head: Head) -> None:
    """Note the end of the chain after a batch. Never raises: the batch is stored, and the next one tries again."""
    try:
        _raise_redis(head)
    except RedisError as error:
        logger.warning("Cannot note the audit's end in Redis: %s", error)
    try:
        _raise_file(head)
    except OSError as error:
        logger.warning("Cannot note the audit's end in %s: %s", _newest_file(), error)


def note() -> None:
    """Add the chain's current end to this machine's list; once a minute is often enough. Raises OSError."""
    try:
        head = chain.head()
    except HeadLost:
        return  # the next entry rebuilds it and records that
    note_batch(head)
    if _last_listed() != head:
        with _appending(_listing()) as handle:
            os.write(handle, _line(head))


def noted_heads() -> list[Head]:
    """List every end that this machine and Redis know, oldest first."""
    try:
        lines = _listing().read_bytes().splitlines()
    except FileNotFoundError:
        lines = []
    listed = [head for head in map(_read, lines) if head]  # skip a line that a crash cut short
    return sorted({*listed, *_newest_known()})


def newest() -> Head | None:
    """Return the newest known end without reading the whole list."""
    listed = _last_listed()
    return max([*_newest_known(), *([listed] if listed else [])], default=None)


def _newest_known() -> Iterator[Head]:
    try:
        in_file = _read(_newest_file().read_bytes())
    except OSError:
        in_file = None
    if in_file:
        yield in_file
    try:
        in_redis = _of_redis(_client().hgetall(KEY))
    except RedisError as error:
        logger.warning("Cannot read the audit's noted end from Redis: %s", error)
        return
    if in_redis:
        yield in_redis


def _of_redis(told: dict[bytes, bytes]) -> Head | None:
    """Parse the end noted in Redis; None if nothing valid is there."""
    try:
        return Head(int(told[b"seq"]), bytes.fromhex(told[b"digest"].decode()))
    except (KeyError, ValueError):
        return None


def _last_listed() -> Head | None:
    try:
        with _listing().open("rb") as handle:
            handle.seek(max(0, handle.seek(0, os.SEEK_END) - TAIL))
            heads = [head for head in map(_read, handle.read().splitlines()) if head]
    except FileNotFoundError:
        return None
    return heads[-1] if heads else None


def _may_follow(known: Head | None, head: Head) -> bool:
    """Check that `head` may replace the known end: that one must be older and still in the chain."""
    if known is None:
        return True
    if known.seq >= head.seq:
        return False  # another process was faster
    if not chain.holds(known):
        logger.error("Entry %d of the audit differs from its anchor. Run: manage.py audit verify", known.seq)
        return False
    return True


def _raise_redis(head: Head) -> None:
    """Replace only the value that was checked, so that an end noted by another process meanwhile is kept."""
    told: dict[bytes, bytes] = _client().hgetall(KEY)
    if _may_follow(_of_redis(told), head):
        _client().eval(_RAISE, 1, KEY, head.seq, head.digest.hex(), told.get(b"seq", b""), told.get(b"digest", b""))


def _raise_file(head: Head) -> None:
    """Write under a lock: several processes write, and the newest end wins."""
    with _appending(_newest_file()) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        known = _read(os.pread(handle, TAIL, 0))
        if _may_follow(known, head):
            os.ftruncate(handle, 0)
            os.write(handle, _line(head))


@contextmanager
def _appending(file: Path) -> Iterator[int]:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _line(head: Head) -> bytes:
    return msgspec.json.encode(_Anchor(head.seq, head.digest.hex())) + b"\n"


def _read(line: bytes) -> Head | None:
    try:
        anchor = msgspec.json.decode(line, type=_Anchor)
        return Head(anchor.seq, bytes.fromhex(anchor.digest))
    except (msgspec.DecodeError, ValueError):
        return None


def _listing() -> Path:
    return Path(settings.AUDIT_ANCHORS)


def _newest_file() -> Path:
    return _listing().with_name("newest.json")


@lru_cache(maxsize=1)
def _client() -> Any:
    """Create a separate client: this runs on the audit's thread, which has no event loop."""
    return Redis.from_url(settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS)
