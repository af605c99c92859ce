"""The log of a run, kept as rows for good."""

from uuid import UUID

from django.db.models import Q, RowRange, Sum, Window
from django.db.models.functions import Length

from chat.log.lines import Line, lines_of
from chat.models import RunEvent

# Whoever reads this may take it slowly, and many may: so much of an answer is in memory for each of them.
MOST_CHARACTERS = 256_000


def lines_after(run_id: UUID, after: int, *, most: int | None = MOST_CHARACTERS) -> list[Line]:
    """What the rows hold beyond `after`, in order: whole rows, the last of them the one that passes `most` characters."""
    found = RunEvent.objects.filter(run_id=run_id, last__gt=after).order_by("first")
    if most is not None:
        before = Window(Sum(Length("frames")), order_by="first", frame=RowRange(None, -1))
        found = found.annotate(before=before).filter(Q(before=None) | Q(before__lt=most))
    rows = found.values_list("first", "frames")
    return [line for first, frames in rows for line in lines_of(first, frames.encode(), after=after)]
