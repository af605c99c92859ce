"""Writing protobuf's wire format: all that a model file needs of it, without the packages that describe such files."""

import struct
from collections.abc import Iterator

VARINT, BYTES, FLOAT = 0, 2, 5
_SEVEN_BITS, _MORE = 0x7F, 0x80


def number(field: int, value: int) -> bytes:
    """Encode a whole number, which is not negative."""
    return _varint(field << 3 | VARINT) + _varint(value)


def real(field: int, value: float) -> bytes:
    """Encode a float of 32 bits."""
    return _varint(field << 3 | FLOAT) + struct.pack("<f", value)


def block(field: int, value: bytes) -> bytes:
    """Encode bytes: text, an inner message or raw data."""
    return _varint(field << 3 | BYTES) + _varint(len(value)) + value


def text(field: int, value: str) -> bytes:
    """Encode text."""
    return block(field, value.encode())


def blocks(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Read the fields of a message that hold bytes; numbers are passed over."""
    at = 0
    while at < len(message):
        key, at = _read(message, at)
        size = {BYTES: 0, FLOAT: 4, 1: 8}.get(key & 7)
        if size is None:
            at = _read(message, at)[1]
            continue
        if key & 7 == BYTES:
            size, at = _read(message, at)
            yield key >> 3, message[at : at + size]
        at += size


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > _SEVEN_BITS:
        out.append(value & _SEVEN_BITS | _MORE)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & _SEVEN_BITS) << shift
        at, shift = at + 1, shift + 7
        if byte <= _SEVEN_BITS:
            return value, at
