"""Frames on the pipes between Galaxy and the child: one byte of kind, four of length, then the bytes.

Galaxy to child: the program (CODE), files (NAME, then CONTENT). Child to Galaxy: READY when the walls stand or REFUSED when one
does not, then REPORT as JSON and a CONTENT for each plot and file that the report names.
"""

from __future__ import annotations

import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

CODE, NAME, CONTENT, READY, REFUSED, REPORT = b"c", b"n", b"b", b"r", b"x", b"j"
_HEAD = struct.Struct("!cI")


def pack(kind: bytes, payload: bytes = b"") -> bytes:
    """Return a frame."""
    return _HEAD.pack(kind, len(payload)) + payload


def unpack(stream: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yield the frames of a stream up to its end; one that is cut off is left out."""
    while len(head := stream.read(_HEAD.size)) == _HEAD.size:
        kind, length = _HEAD.unpack(head)
        payload = stream.read(length)
        if len(payload) == length:
            yield kind, payload


def write(descriptor: int, kind: bytes, payload: bytes = b"") -> None:
    """Write a frame, however often the pipe is full."""
    rest = memoryview(pack(kind, payload))
    while rest:
        rest = rest[os.write(descriptor, rest) :]
