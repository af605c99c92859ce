"""A job that does what a message asks for, to see what holds it."""

import os
import tempfile
import time

SECONDS = 1.0


def answer(message: bytes) -> bytes:
    match message:
        case b"memory":
            return bytes(2_000_000_000)[:1]
        case b"time":
            time.sleep(60)
        case b"break":
            raise ValueError
        case b"file":
            return _written()
        case b"environment":
            return " ".join(sorted(os.environ)).encode()
    return message


def _written() -> bytes:
    with tempfile.TemporaryFile() as file:
        try:
            file.write(bytes(1_000_000))
            file.flush()
        except OSError:
            return b"refused"
    return b"written"
