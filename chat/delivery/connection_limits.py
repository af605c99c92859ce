"""Counts of what each person has open in this process: sockets, event streams, and answers followed (0.4 MB each).

One with thousands would take the memory of all.
"""

from collections import Counter
from uuid import UUID

from django.conf import settings

_open: Counter[UUID] = Counter()
_followed: Counter[UUID] = Counter()
SHARE = 4  # one socket may follow so small a part of what a person may


def has_room(person_id: UUID) -> bool:
    """Tell whether the person may open one more."""
    return _open[person_id] < settings.OPEN_SOCKETS


def enter(person_id: UUID) -> None:
    """Count one more of the person's."""
    _open[person_id] += 1


def leave(person_id: UUID) -> None:
    """One that was counted is closed."""
    _open[person_id] -= 1
    if not _open[person_id]:
        del _open[person_id]


def may_follow(person_id: UUID, at_socket: int) -> bool:
    """Tell whether the person may follow one more answer at a socket that follows so many."""
    most: int = settings.FOLLOWED_ANSWERS
    return at_socket < max(1, most // SHARE) and _followed[person_id] < most


def follow(person_id: UUID) -> None:
    """Count one more answer that the person follows."""
    _followed[person_id] += 1


def unfollow(person_id: UUID) -> None:
    """One that was counted is followed no more."""
    _followed[person_id] -= 1
    if not _followed[person_id]:
        del _followed[person_id]
