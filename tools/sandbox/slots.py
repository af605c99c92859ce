"""Places for programs: as many on this machine as it has processors, one for each person, and a queue with a time limit.

A place is a lock on one byte of a file. It belongs to the open file, so it is free again when its process ends, in any way.
"""

import asyncio
import fcntl
import hashlib
import os
import struct
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tools.sandbox.values import Busy, Limits, NotAvailable

ASK_AGAIN = 0.05  # seconds
PEOPLE_FROM = 1 << 32  # bytes before are the places
_FLOCK = "hhqqi0q"


def folder() -> Path:
    """Return the folder of places and of programs' files, creating it. Another user can pass through it, but not list it."""
    path = Path(tempfile.gettempdir()) / f"galaxy-{os.geteuid()}-python"
    path.mkdir(mode=0o711, exist_ok=True)
    state = path.lstat()
    if state.st_uid != os.geteuid() or path.is_symlink():
        raise NotAvailable(f"{path} belongs to another user. Remove it.")
    return path


@asynccontextmanager
async def place(person: str, limits: Limits) -> AsyncIterator[int]:
    """Wait for a place and hold it; it has a number. Raises Busy when none is free in time."""
    file = os.open(folder() / "places", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        yield await _wait(file, person, limits)
    finally:
        os.close(file)


async def _wait(file: int, person: str, limits: Limits) -> int:
    try:
        async with asyncio.timeout(limits.queue_seconds):
            while person and not _lock(file, _byte_of(person)):  # noqa: ASYNC110  other processes hold them, too
                await asyncio.sleep(ASK_AGAIN)
            while (number := _any(file, limits.at_once)) is None:  # noqa: ASYNC110
                await asyncio.sleep(ASK_AGAIN)
            return number
    except TimeoutError:
        raise Busy("Other programs are running, and none ended in time. Try again in a moment.") from None


def _any(file: int, places: int) -> int | None:
    return next((number for number in range(places) if _lock(file, number)), None)


def _byte_of(person: str) -> int:
    return PEOPLE_FROM + int.from_bytes(hashlib.sha256(person.encode()).digest()[:5], "big")


def _lock(file: int, byte: int) -> bool:
    try:
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, byte, 1, 0))
    except (BlockingIOError, PermissionError):
        return False
    return True
