"""The list of one's conversations, in groups by day and in pages by cursor."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from chat.models import Conversation, ConversationQuerySet, Run

PAGE = 40
MOST = 400
AROUND = 10  # older ones shown below the one that is open
WEEK = 7
LONGEST_COUNT = 4  # digits
YEARS = range(1970, 2201)  # a cursor of another year is none of ours, and its time in UTC may not even exist


class Group(NamedTuple):
    """The conversations of a day, or of all days longer ago. Without a title it goes on with the group above it."""

    title: str
    rows: list[Conversation]


class Listing(NamedTuple):
    """A page of the list. `before` is where the next page begins, empty at the end; `length` is that of the list with it."""

    groups: list[Group]
    before: str
    length: int


def listing(person: User, now: datetime, *, before: str = "", count: int = PAGE) -> Listing:
    """The person's conversations from `before` on, the latest used first. `now` is the person's own time."""
    rows = rows_of(person)
    if cursor := _parsed(before):
        moment, last = cursor
        rows = rows.filter(Q(updated_at__lt=moment) | Q(updated_at=moment, pk__lt=last))
    count = max(1, min(count, MOST))
    page = list(rows[: count + 1])
    return Listing(_groups(page[:count], now), _cursor(page[count - 1]) if len(page) > count else "", count)


def next_page(person: User, now: datetime, *, before: str, shown: int) -> Listing:
    """The page that follows `before` in a list that shows so many: a day that began there has no second title."""
    page, cursor = listing(person, now, before=before), _parsed(before)
    groups = page.groups
    if cursor and groups and groups[0].title == _title(cursor[0], now):
        groups = [groups[0]._replace(title=""), *groups[1:]]
    return page._replace(groups=groups, length=shown + PAGE)


def rows_of(person: User) -> ConversationQuerySet:
    """All conversations that the person may read, the latest used first."""
    runs = Run.objects.filter(conversation=OuterRef("pk"))
    running, waiting = Exists(runs.filter(status__in=Run.ACTIVE)), Exists(runs.filter(status=Run.Status.WAITING))
    mine = Q(owner=person)  # what is shared with them is theirs to read, not to rename or delete
    rows = Conversation.objects.visible_to(person).select_related("owner")
    rows = rows.annotate(is_running=running, is_waiting=waiting, is_mine=mine)
    return rows.order_by("-updated_at", "-pk")


def showing(person: User, now: datetime, current: Conversation | None) -> Listing:
    """The latest conversations, and as many more as it takes to show the one that is open, within the longest list."""
    found = listing(person, now)
    if current is None or not found.before or any(row.pk == current.pk for group in found.groups for row in group.rows):
        return found
    newer = Conversation.objects.visible_to(person).filter(updated_at__gt=current.updated_at)
    reach = newer.order_by("-updated_at")[:MOST].count() + AROUND
    return listing(person, now, count=reach) if reach <= MOST else found


def undoable(person: User) -> list[Conversation]:
    """Conversations that the person deleted just now, the latest last: each page offers the way back."""
    since = timezone.now() - Conversation.UNDO_OFFERED
    return list(Conversation.objects.restorable_by(person).filter(deleted_at__gt=since).order_by("deleted_at"))


def _groups(rows: Iterable[Conversation], now: datetime) -> list[Group]:
    return [Group(name, list(members)) for name, members in groupby(rows, lambda row: _title(row.updated_at, now))]


def _title(moment: datetime, now: datetime) -> str:
    return day_title(moment.astimezone(now.tzinfo).date(), now.date())


def day_title(day: date, today: date) -> str:
    """Name the day: today, yesterday, its weekday within the week, else earlier."""
    age = (today - day).days
    if age <= 0:
        return "Today"
    if age == 1:
        return "Yesterday"
    return f"{day:%A}" if age < WEEK else "Earlier"


def _cursor(row: Conversation) -> str:
    return f"{row.updated_at.isoformat()}_{row.pk}"


def count_of(value: str) -> int:
    """Read how many conversations an address asks for; one page of them if the value makes no sense."""
    return int(value) if value.isdecimal() and len(value) <= LONGEST_COUNT else PAGE


def _parsed(cursor: str) -> tuple[datetime, UUID] | None:
    text, _, last = cursor.partition("_")
    try:
        moment, row = datetime.fromisoformat(text), UUID(last)
    except (ValueError, OverflowError):
        return None
    return (moment, row) if moment.tzinfo and moment.year in YEARS else None
