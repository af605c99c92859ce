"""Unpacking a body piece by piece, with the limits that keep a small answer from becoming a large one (a "zip bomb")."""

import zlib
from collections.abc import Iterator

from accounts.egress.errors import BadAnswer, TooLarge

ACCEPTED = "gzip, deflate"
PIECE = 64 * 1024
# Text shrinks to a fifth, logs to a thirtieth; deflate's best is a thousandth. A first megabyte may be as dense as it likes.
MOST_TIMES = 200
UNSUSPICIOUS = 1024**2
ZLIB_METHOD = 8  # RFC 1950, 2.2: the low half of the first byte
EITHER, RAW = 32 + zlib.MAX_WBITS, -zlib.MAX_WBITS  # zlib's words for "gzip or zlib, by its head" and "no head"


class Unpacker:
    """Counts a body as it comes and as it is, and stops where either is too much. Raises TooLarge, BadAnswer."""

    def __init__(self, encoding: str, most_bytes: int) -> None:
        self._encoding = encoding.strip().lower().removeprefix("x-")  # RFC 9110, 8.4.1.3: x-gzip is gzip
        if self._encoding not in ("", "identity", "gzip", "deflate"):
            raise BadAnswer("The site packed its answer in a way that was not asked for.")
        self._most = most_bytes
        self._stream: zlib._Decompress | None = None
        self.received = self.unpacked = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces in what came, none larger than 64 KiB when it was packed."""
        self.received += len(data)
        if self.received > self._most:  # also where nothing comes out: packed emptiness has no end
            raise TooLarge(self._most)
        for piece in self._pieces(data):
            self._count(len(piece))
            yield piece

    def end(self) -> None:
        """Say that nothing more comes. Raises BadAnswer when something is missing."""
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
            # A full piece may leave more inside the stream, with no data of its own.
            more = bool(data) or (len(piece) == PIECE and not self._stream.eof)
            if piece:
                yield piece

    def _is_raw(self, data: bytes) -> bool:
        """Some servers send `deflate` without its head, and all clients take it."""
        return self._encoding == "deflate" and data[0] & 0x0F != ZLIB_METHOD
