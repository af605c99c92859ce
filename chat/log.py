"""The log of a run, kept as rows for good. A row holds consecutive frames, one a line, as an entry of the stream does."""

from uuid import UUID

import msgspec

from chat.models import RunEvent


class Line(msgspec.Struct, frozen=True, gc=False):
    """One frame of the log: its number and its JSON (see `chat.events`)."""

    seq: int
    frame: bytes


def lines_of(first: int, packed: bytes, *, after: int = 0) -> list[Line]:
    """The frames of an entry or row that begins with number `first`, without those up to `after`."""
    frames = packed.split(b"\n")
    skip = max(0, after + 1 - first)
    return [Line(first + index, frame) for index, frame in enumerate(frames[skip:], skip)]


def rows_after(run_id: UUID, after: int, *, most: int | None = 200) -> list[Line]:
    """What the rows hold beyond `after`, in order, from at most `most` rows."""
    rows = RunEvent.objects.filter(run_id=run_id, last__gt=after).order_by("first").values_list("first", "frames")[:most]
    return [line for first, frames in rows for line in lines_of(first, frames.encode(), after=after)]


def is_final(frame: bytes) -> bool:
    """Whether the frame is the last of its run. The tag comes first in an encoded frame, so no parsing is needed."""
    return frame.startswith((b'{"status":"complete"', b'{"status":"error"'))
