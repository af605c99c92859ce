"""Puts the lines of a stream together to events: server-sent ones, and JSON that a server sends as it is. Pure."""

import re
from typing import NamedTuple

from chat.providers.base import Broken
from chat.providers.reading.chunks import Chunk, NotJSONError, decoded
from chat.providers.reading.lines import LONGEST

DONE = b"[DONE]"
_FIELD = re.compile(rb"[A-Za-z][\w-]*(:|\Z)")
# How often JSON over several lines is tried at a line that may be its last: a hostile one has such a line in every second.
MOST_TRIES = 16


class Event(NamedTuple):
    """One event. `chunk` is None where the payload is not a JSON object; `fails`: the server calls it an error."""

    payload: bytes
    chunk: Chunk | None = None
    fails: bool = False


class Events:
    """Gives an event as soon as its JSON is whole: not all servers send the empty line that ends one."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._size = 0
        self._is_raw = False
        self._fails = False
        self._tries = 0

    def read(self, line: bytes) -> Event | None:
        """The event that this line completes. Raises NotJSONError for what belongs to none, and Broken without an end."""
        if line.startswith(b"data:"):
            return self._data(line[5:].strip())
        if self._is_raw:
            return self._raw(line)
        if not line or line.isspace():
            return self.rest()
        if line.startswith((b"{", b"[")):
            return self._raw(line)
        if line.startswith(b"error:"):
            return self._whole(line[6:].strip(), fails=True)
        if line.startswith(b"event:"):
            self._fails = line[6:].strip().lower() == b"error"
        elif not line.startswith(b":") and not _FIELD.match(line):
            raise NotJSONError
        return None

    def rest(self) -> Event | None:
        """The event of what is held, at an empty line or at the end of all. Raises NotJSONError where it is not whole."""
        if not self._held:
            self._fails = False
            return None
        held, fails = b"\n".join(self._held), self._fails
        self._forget()
        return Event(held, decoded(held), fails)

    def _data(self, payload: bytes) -> Event | None:
        if self._is_raw:
            self._forget()
            raise NotJSONError
        if not payload:
            return None
        if self._held:
            self._hold(payload)
            return None
        return self._whole(payload, fails=self._fails)

    def _whole(self, payload: bytes, *, fails: bool) -> Event | None:
        """The event, where it is one by itself; the beginning of JSON is held for its other lines."""
        if not payload.startswith((b"{", b"[")) or payload == DONE:
            return Event(payload, None, fails)
        try:
            return Event(payload, decoded(payload), fails)
        except NotJSONError:
            self._fails = fails
            self._hold(payload)
            return None

    def _raw(self, line: bytes) -> Event | None:
        """A line of JSON that is in no event. It may be indented, over many of them."""
        if line == DONE:
            return Event(line)
        self._is_raw = True
        self._hold(line)
        if (len(self._held) > 1 and not line.startswith((b"}", b"]"))) or self._tries >= MOST_TRIES:
            return None
        self._tries += 1
        whole = b"\n".join(self._held)
        try:
            event = Event(whole, decoded(whole))
        except NotJSONError:
            return None
        self._forget()
        return event

    def _hold(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > LONGEST:
            raise Broken("The model's server sent an event without end.")
        self._held.append(part)

    def _forget(self) -> None:
        self._held.clear()
        self._size = self._tries = 0
        self._is_raw = self._fails = False
