"""A program's whole request: its turns, its own tools, the form of the answer. Pure.

It is kept beside its run, and only as long: none of it becomes a message that anyone reads.
"""

import msgspec

from chat.providers.base import ToolSpec, Turn
from chat.providers.parameters import Form


class Given(msgspec.Struct, frozen=True):
    """The request. `tools` are the program's own: it runs them itself."""

    turns: tuple[Turn, ...]
    tools: tuple[ToolSpec, ...] = ()
    form: Form = Form()

    @property
    def size(self) -> int:
        """Return about how many bytes of it a model reads."""
        return sum(turn.size for turn in self.turns) + sum(len(msgspec.json.encode(tool)) for tool in self.tools)


_decoder = msgspec.msgpack.Decoder(Given)


def encode(given: Given) -> bytes:
    """Encode the request to be stored."""
    return msgspec.msgpack.encode(given)


def decode(stored: bytes) -> Given:
    """Decode a stored request."""
    return _decoder.decode(stored)
