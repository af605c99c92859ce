"""How many sockets and event streams each person has open in this process: one with thousands would take the memory of all."""

from collections import Counter
from uuid import UUID

from django.conf import settings

_open: Counter[UUID] = Counter()


def has_room(person_id: UUID) -> bool:
    """Whether the person may open one more."""
    return _open[person_id] < settings.OPEN_SOCKETS


def enter(person_id: UUID) -> None:
    """Count one more of the person's."""
    _open[person_id] += 1


def leave(person_id: UUID) -> None:
    """One that was counted is closed."""
    _open[person_id] -= 1
    if not _open[person_id]:
        del _open[person_id]
