"""The list of one's conversations, in groups by day and in pages by cursor."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from chat.models import Conversation, ConversationQuerySet, Run

PAGE = 40
MOST = 400
AROUND = 10  # older ones shown below the one that is open
WEEK = 7
LONGEST_COUNT = 4  # digits
YEARS = range(1970, 2201)  # a cursor of another year is none of ours, and its time in UTC may not even exist


class Group(NamedTuple):
    """The conversations of a day, or of all days longer ago."""

    title: str
    rows: list[Conversation]


class Listing(NamedTuple):
    """A page of the list. `before` is where the next page begins; empty at the end."""

    groups: list[Group]
    before: str


def listing(person: User, now: datetime, *, before: str = "", count: int = PAGE) -> Listing:
    """The person's conversations from `before` on, the latest used first. `now` is the person's own time."""
    rows = rows_of(person)
    if cursor := _parsed(before):
        moment, last = cursor
        rows = rows.filter(Q(updated_at__lt=moment) | Q(updated_at=moment, pk__lt=last))
    count = max(1, min(count, MOST))
    page = list(rows[: count + 1])
    return Listing(_groups(page[:count], now), _cursor(page[count - 1]) if len(page) > count else "")


def rows_of(person: User) -> ConversationQuerySet:
    """All conversations that the person may read, the latest used first."""
    running = Exists(Run.objects.filter(conversation=OuterRef("pk"), status__in=Run.ACTIVE))
    mine = Q(owner=person)  # what is shared with them is theirs to read, not to rename or delete
    rows = Conversation.objects.visible_to(person).select_related("owner").annotate(is_running=running, is_mine=mine)
    return rows.order_by("-updated_at", "-pk")


def showing(person: User, now: datetime, current: Conversation | None) -> Listing:
    """The latest conversations, and as many more as it takes to show the one that is open, within the longest list."""
    found = listing(person, now)
    if current is None or not found.before or any(row.pk == current.pk for group in found.groups for row in group.rows):
        return found
    newer = Conversation.objects.visible_to(person).filter(updated_at__gt=current.updated_at)
    reach = newer.order_by("-updated_at")[:MOST].count() + AROUND
    return listing(person, now, count=reach) if reach <= MOST else found


def _groups(rows: Iterable[Conversation], now: datetime) -> list[Group]:
    def title(row: Conversation) -> str:
        return day_title(row.updated_at.astimezone(now.tzinfo).date(), now.date())

    return [Group(name, list(members)) for name, members in groupby(rows, title)]


def day_title(day: date, today: date) -> str:
    """What one calls that day: today, yesterday, its weekday within the week, else earlier."""
    age = (today - day).days
    if age <= 0:
        return "Today"
    if age == 1:
        return "Yesterday"
    return f"{day:%A}" if age < WEEK else "Earlier"


def _cursor(row: Conversation) -> str:
    return f"{row.updated_at.isoformat()}_{row.pk}"


def count_of(value: str) -> int:
    """How many conversations an address asks for; a page of them where it does not say so sensibly."""
    return int(value) if value.isdecimal() and len(value) <= LONGEST_COUNT else PAGE


def _parsed(cursor: str) -> tuple[datetime, UUID] | None:
    text, _, last = cursor.partition("_")
    try:
        moment, row = datetime.fromisoformat(text), UUID(last)
    except (ValueError, OverflowError):
        return None
    return (moment, row) if moment.tzinfo and moment.year in YEARS else None
