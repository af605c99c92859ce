"""Messages between Galaxy and a process: a length of four bytes, then the bytes."""

import struct
from typing import IO

LENGTH = struct.Struct(">I")
MOST_BYTES = 16 * 1024**2


def write(file: IO[bytes], message: bytes) -> None:
    """Write one message."""
    file.write(LENGTH.pack(len(message)) + message)
    file.flush()


def read(file: IO[bytes]) -> bytes | None:
    """Read one message; None if the other side has ended."""
    head = file.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    body = file.read(size) if size <= MOST_BYTES else b""
    return body if body and len(body) == size else None
