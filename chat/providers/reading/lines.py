"""Cuts a stream of bytes into lines, as server-sent events end them: by LF, CR or both (WHATWG HTML, section 9.2.6).

A character that is split between two reads is whole again in its line.
"""

from chat.providers.base import Broken

LONGEST = 1024 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Lines:
    """Holds the unfinished line between reads; one that does not end is refused."""

    def __init__(self, *, longest: int = LONGEST) -> None:
        self._longest = longest
        self._held: list[bytes] = []
        self._size = 0
        self._returned = False  # the last read ended with a CR, whose LF may come in the next

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that this read completes. Raises Broken for a line longer than any answer needs."""
        lines = self._with_line_feeds(data).split(b"\n")
        rest = lines.pop()
        if lines and self._held:
            self._held.append(lines[0])
            lines[0] = b"".join(self._held)
        if lines:
            self._held.clear()
            self._size = 0
        if rest:
            self._hold(rest)
        return [line.removeprefix(BYTE_ORDER_MARK) for line in lines]  # a proxy that joins streams leaves one in the middle

    def _with_line_feeds(self, data: bytes) -> bytes:
        if self._returned:
            data = data.removeprefix(b"\n")
            self._returned = False
        if b"\r" in data:
            self._returned = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return data

    def _hold(self, rest: bytes) -> None:
        self._held.append(rest)
        self._size += len(rest)
        if self._size > self._longest:
            raise Broken("The model's server sent a line without end.")

    def rest(self) -> bytes:
        """Return what came after the end of the last line."""
        return b"".join(self._held).removeprefix(BYTE_ORDER_MARK)
