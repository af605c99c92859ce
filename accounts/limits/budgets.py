"""Which budgets a use falls under, which count each has just now, and what is left of them."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from accounts.models import Budget, Membership, User
from accounts.models.budgets import in_words

SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
NEARLY = 0.8


class Use(NamedTuple):
    """Who uses what. A use of a model names its provider too; what does not apply is empty."""

    person: User
    token_id: UUID | None = None
    model: str = ""
    provider: str = ""
    tool: str = ""


class Asked(NamedTuple):
    """The most that a use will take, as far as can be told before."""

    tokens: int = 0
    cost: float = 0.0


class Window(NamedTuple):
    """A period's present run, in UTC."""

    begins: datetime
    ends: datetime


class Count(NamedTuple):
    """One count of a budget in one window. `key` names it in Redis; each person or target may have one of their own."""

    budget: Budget
    window: Window
    key: str
    person_id: UUID | None
    target: str


class Left(NamedTuple):
    """What a person sees of a budget."""

    name: str
    measure: str
    used: float
    amount: float
    ends: datetime

    @property
    def state(self) -> str:
        """How it stands: empty while there is plenty, then "warn", and "danger" when it is used up."""
        if self.used >= self.amount:
            return "danger"
        return "warn" if self.used >= NEARLY * self.amount else ""

    @property
    def words(self) -> str:
        """How much of it is used. Money is rounded to cents, unless the budget itself is smaller."""
        used = round(self.used, 2) if self.measure == Budget.Measure.COST and self.amount >= 1 else self.used
        first, most = (in_words(number, self.measure, bare=True) for number in (used, self.amount))
        return f"{first} of {most} used"


class OverBudget(Exception):
    """A budget does not have as much left. `retry_after` counts seconds until it begins anew."""

    def __init__(self, count: Count, now: datetime) -> None:
        self.retry_after = max(1.0, (count.window.ends - now).total_seconds())
        super().__init__(
            f"Your budget is used up: {count.budget.terms}. It begins anew at {count.window.ends:%d %b %H:%M} UTC."
        )


def counts_for(use: Use, now: datetime) -> list[Count]:
    """Every count that the use adds to."""
    return [_count(budget, use, now) for budget in _budgets_of(use.person, use.token_id) if _is_about(budget, use)]


def counts_of(person: User, now: datetime) -> list[Count]:
    """The counts that a person sees: theirs, and those that they share."""
    return [_count(budget, Use(person), now) for budget in _budgets_of(person, None)]


def left_for(count: Count, used: float) -> Left:
    """What is left, as the person sees it."""
    budget = count.budget
    return Left(budget.terms, budget.measure, used, float(budget.amount), count.window.ends)


def window_at(period: str, now: datetime) -> Window:
    """The window of that moment: whole minutes, hours, days and months of the calendar."""
    if period == Budget.Period.MONTH:
        begins = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return Window(begins, (begins + timedelta(days=32)).replace(day=1))
    begins = datetime.fromtimestamp(now.timestamp() // SECONDS[period] * SECONDS[period], UTC)
    return Window(begins, begins + timedelta(seconds=SECONDS[period]))


def _budgets_of(person: User, token_id: UUID | None) -> list[Budget]:
    groups = Membership.objects.filter(person=person.pk).values("group")
    everybody = Q(person=None, group=None, token=None)
    whose = Q(person=person.pk) | Q(group__in=groups) | everybody
    if token_id:
        whose |= Q(token=token_id)
    return list(Budget.objects.filter(whose, tenant=person.tenant_id).order_by("pk"))


def _is_about(budget: Budget, use: Use) -> bool:
    if not budget.about:
        return True
    used = getattr(use, budget.about)
    return bool(used) and budget.target in ("", used)


def _count(budget: Budget, use: Use, now: datetime) -> Count:
    window = window_at(budget.period, now)
    person_id = None if budget.shared else use.person.pk
    target = getattr(use, budget.about) if budget.about else ""
    key = f"budget:{budget.pk}:{window.begins:%Y%m%d%H%M}:{person_id or 'all'}:{target}"
    return Count(budget, window, key, person_id, target)
