"""How many sockets each person has open in this process: one person with thousands would take the memory of all."""

from collections import Counter
from uuid import UUID

from django.conf import settings

_open: Counter[UUID] = Counter()


def enter(person_id: UUID) -> bool:
    """Count one more socket of the person's; False where these are too many already."""
    if _open[person_id] >= settings.OPEN_SOCKETS:
        return False
    _open[person_id] += 1
    return True


def leave(person_id: UUID) -> None:
    """One that was counted is closed."""
    _open[person_id] -= 1
    if not _open[person_id]:
        del _open[person_id]
