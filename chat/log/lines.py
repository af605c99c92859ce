"""The lines of a log: an entry of the stream and a row hold the same, consecutive frames, one a line."""

import msgspec


class Line(msgspec.Struct, frozen=True, gc=False):
    """One frame of the log: its number and its JSON (see `chat.events`)."""

    seq: int
    frame: bytes


def lines_of(first: int, packed: bytes, *, after: int = 0) -> list[Line]:
    """The frames of an entry or row that begins with number `first`, without those up to `after`."""
    frames = packed.split(b"\n")
    skip = max(0, after + 1 - first)
    return [Line(first + index, frame) for index, frame in enumerate(frames[skip:], skip)]


def is_final(frame: bytes) -> bool:
    """Tell whether the frame is the last of its run. The tag comes first in an encoded frame, so no parsing is needed."""
    return frame.startswith((b'{"status":"complete"', b'{"status":"error"'))
