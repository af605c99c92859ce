"""Cuts a stream of bytes into lines. A character that is split between two reads is whole again in its line."""

from chat.providers.base import Broken

LONGEST = 1024 * 1024


class Lines:
    """Holds the unfinished line between reads; one that does not end is refused."""

    def __init__(self, *, longest: int = LONGEST) -> None:
        self._longest = longest
        self._held: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that this read completes. Raises Broken for a line longer than any answer needs."""
        lines = data.split(b"\n")
        rest = lines.pop()
        if lines and self._held:
            self._held.append(lines[0])
            lines[0] = b"".join(self._held)
        if lines:
            self._held.clear()
            self._size = 0
        if rest:
            self._hold(rest)
        return lines

    def _hold(self, rest: bytes) -> None:
        self._held.append(rest)
        self._size += len(rest)
        if self._size > self._longest:
            raise Broken("The model's server sent a line without end.")

    def rest(self) -> bytes:
        """What came after the last line's end."""
        return b"".join(self._held)
