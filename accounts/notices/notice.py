"""A notice, and its form on the wires."""

from typing import Any, Literal, get_args

import msgspec

Topic = Literal["runs", "conversations", "approvals", "models", "tools", "documents", "devices", "me"]
Key = tuple[str, str | None]  # what a notice is about: its topic, and the id of one thing
TOPICS: tuple[Topic, ...] = get_args(Topic)


class Notice(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="status", tag="notice"):
    """A change: its kind, its id where that may be told, and a little of how."""

    topic: Topic
    id: str | None = None
    data: dict[str, Any] | None = None

    @property
    def key(self) -> Key:
        """Notices of one key say the same: the newest stands for all."""
        return self.topic, self.id


def encode(notice: Notice) -> bytes:
    """The frame that clients get (docs/protocol.md)."""
    return msgspec.json.encode(notice)


def decode(frame: bytes) -> Notice:
    """The same the other way, between Galaxy's own processes."""
    return msgspec.json.decode(frame, type=Notice)
