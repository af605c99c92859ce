"""Decompression of a body piece by piece, with limits that stop a "zip bomb"."""

import zlib
from collections.abc import Iterator

from accounts.egress.errors import BadAnswer, TooLarge

ACCEPTED = "gzip, deflate"
PIECE = 64 * 1024
# Text shrinks to a fifth, logs to a thirtieth; deflate's best is a thousandth. The first megabyte may have any ratio.
MOST_TIMES = 200
UNSUSPICIOUS = 1024**2
ZLIB_METHOD = 8  # RFC 1950, 2.2: the low half of the first byte
EITHER, RAW = 32 + zlib.MAX_WBITS, -zlib.MAX_WBITS  # zlib's values for "gzip or zlib, by its header" and "no header"


class Unpacker:
    """Counts packed and unpacked bytes and stops at the limit of either. Raises TooLarge, BadAnswer."""

    def __init__(self, encoding: str, most_bytes: int) -> None:
        self._encoding = encoding.strip().lower().removeprefix("x-")  # RFC 9110, 8.4.1.3: x-gzip is gzip
        if self._encoding not in ("", "identity", "gzip", "deflate"):
            raise BadAnswer("The site compressed its answer in a way that Galaxy did not ask for.")
        self._most = most_bytes
        self._stream: zlib._Decompress | None = None
        self.received = self.unpacked = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Unpack the next bytes into pieces of at most 64 KiB, if they were packed."""
        self.received += len(data)
        if self.received > self._most:  # also if nothing comes out: packed emptiness is endless
            raise TooLarge(self._most)
        for piece in self._pieces(data):
            self._count(len(piece))
            yield piece

    def end(self) -> None:
        """Check that the body is complete. Raises BadAnswer."""
        if self._stream and not self._stream.eof:
            raise BadAnswer("The answer was cut off.")

    def _count(self, size: int) -> None:
        self.unpacked += size
        is_bomb = self.unpacked > UNSUSPICIOUS and self.unpacked > MOST_TIMES * self.received
        if self.unpacked > self._most or is_bomb:
            raise TooLarge(self._most)

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        if self._encoding in ("", "identity"):
            yield data
            return
        try:
            yield from self._inflate(data)
        except zlib.error:
            raise BadAnswer("The answer is damaged.") from None

    def _inflate(self, data: bytes) -> Iterator[bytes]:
        more = bool(data)
        while more:
            if self._stream is None or self._stream.eof:  # RFC 1952, 2.2: gzip may have several members
                self._stream = zlib.decompressobj(RAW if self._is_raw(data) else EITHER)
            piece = self._stream.decompress(data, PIECE)
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            # A full piece may mean that more is waiting inside the stream.
            more = bool(data) or (len(piece) == PIECE and not self._stream.eof)
            if piece:
                yield piece

    def _is_raw(self, data: bytes) -> bool:
        """Recognize `deflate` without a header, which some servers send and all clients accept."""
        return self._encoding == "deflate" and data[0] & 0x0F != ZLIB_METHOD
