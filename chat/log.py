"""The log of a run: a Redis stream while it lives, rows for good. This module knows how both are laid out.

An entry of the stream holds consecutive frames, one a line, under the field `d`, and its id is `<first>-0`. Redis refuses an
id that is not beyond the last one, so two writers can never both number an event. A row (`RunEvent`) holds the same lines.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

from chat.models import RunEvent

FIELD = b"d"
QUEUE = "runs:queue"
STOPS = "runs:stops"
LIVE_SECONDS = 24 * 3600
ENDED_SECONDS = 600


class Line(NamedTuple):
    """One frame of the log: its number and its JSON (see `chat.events`)."""

    seq: int
    frame: bytes


def stream_key(run_id: UUID | str) -> str:
    """The name of a run's stream."""
    return f"run:{run_id}:log"


def lines_of(first: int, packed: bytes, *, after: int = 0) -> list[Line]:
    """The frames of an entry or row that begins with number `first`, without those up to `after`."""
    frames = packed.split(b"\n")
    skip = max(0, after + 1 - first)
    return [Line(first + index, frame) for index, frame in enumerate(frames[skip:], skip)]


def entries(answer: Iterable[tuple[bytes, dict[bytes, bytes]]]) -> Iterator[tuple[int, bytes]]:
    """The number of the first frame and the packed frames of each entry that Redis gave."""
    return ((int(entry_id.partition(b"-")[0]), fields[FIELD]) for entry_id, fields in answer)


def rows_after(run_id: UUID, after: int, *, most: int | None = 200) -> list[Line]:
    """What the rows hold beyond `after`, in order, from at most `most` rows."""
    rows = RunEvent.objects.filter(run_id=run_id, last__gt=after).order_by("first").values_list("first", "frames")[:most]
    return [line for first, frames in rows for line in lines_of(first, frames.encode(), after=after)]


def is_final(frame: bytes) -> bool:
    """Whether the frame is the last of its run. The tag comes first in an encoded frame, so no parsing is needed."""
    return frame.startswith((b'{"status":"complete"', b'{"status":"error"'))
