"""The log of a run, kept as rows for good."""

from uuid import UUID

from chat.log.lines import Line, lines_of
from chat.models import RunEvent


def lines_after(run_id: UUID, after: int, *, most: int | None = 200) -> list[Line]:
    """What the rows hold beyond `after`, in order, from at most `most` rows."""
    rows = RunEvent.objects.filter(run_id=run_id, last__gt=after).order_by("first").values_list("first", "frames")[:most]
    return [line for first, frames in rows for line in lines_of(first, frames.encode(), after=after)]
