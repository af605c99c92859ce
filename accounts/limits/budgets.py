"""The budgets that apply to a use, their current counts, and what is left of them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from accounts.models import Budget, Membership, User
from accounts.models.budgets import in_words

SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
NEARLY = 0.8


class Use(NamedTuple):
    """A person's use of a model or tool. A use of a model names its provider, too; fields that do not apply are empty."""

    person: User
    token_id: UUID | None = None
    model: str = ""
    provider: str = ""
    tool: str = ""


class Asked(NamedTuple):
    """The most that a use can take, as estimated beforehand."""

    tokens: int = 0
    cost: float = 0.0


class Window(NamedTuple):
    """The current window of a period, in UTC."""

    begins: datetime
    ends: datetime


class Count(NamedTuple):
    """A budget's count in one window. `key` names it in Redis; each person or target may have its own."""

    budget: Budget
    window: Window
    key: str
    person_id: UUID | None
    target: str


class Left(NamedTuple):
    """A budget as the person sees it."""

    name: str
    measure: str
    used: float
    amount: float
    ends: datetime

    @property
    def state(self) -> str:
        """Return "danger" when the budget is used up, "warn" when it nearly is, otherwise an empty string."""
        if self.used >= self.amount:
            return "danger"
        return "warn" if self.used >= NEARLY * self.amount else ""

    @property
    def words(self) -> str:
        """Say how much is used. Money is rounded to cents, unless the budget is below one dollar."""
        used = round(self.used, 2) if self.measure == Budget.Measure.COST and self.amount >= 1 else self.used
        first, most = (in_words(number, self.measure, bare=True) for number in (used, self.amount))
        return f"{first} of {most} used"


class OverBudget(Exception):
    """A budget has too little left. `retry_after` is the number of seconds until its count restarts."""

    def __init__(self, count: Count, now: datetime) -> None:
        self.retry_after = max(1.0, (count.window.ends - now).total_seconds())
        super().__init__(f"Your budget is used up: {count.budget.terms}. It resets on {count.window.ends:%d %b %H:%M} UTC.")


def budgets_of(person: User, token_id: UUID | None) -> list[Budget]:
    """Read the budgets of a person and of a token."""
    groups = Membership.objects.filter(person=person.pk).values("group")
    everyone = Q(person=None, group=None, token=None)
    whose = Q(person=person.pk) | Q(group__in=groups) | everyone
    if token_id:
        whose |= Q(token=token_id)
    return list(Budget.objects.filter(whose, tenant=person.tenant_id).order_by("pk"))


def counts_for(use: Use, now: datetime) -> list[Count]:
    """List all counts that the use adds to."""
    return counts_among(budgets_of(use.person, use.token_id), use, now)


def counts_among(budgets: Iterable[Budget], use: Use, now: datetime) -> list[Count]:
    """List the same where the budgets of the person are at hand."""
    return [_count(budget, use, now) for budget in budgets if _is_about(budget, use)]


def counts_of(person: User, now: datetime) -> list[Count]:
    """List the counts that a person sees: their own, and those they share."""
    return [_count(budget, Use(person), now) for budget in budgets_of(person, None)]


def left_for(count: Count, used: float) -> Left:
    """Describe a budget for the person."""
    budget = count.budget
    return Left(budget.terms, budget.measure, used, float(budget.amount), count.window.ends)


def window_at(period: str, now: datetime) -> Window:
    """Return the window of that moment: whole minutes, hours, days and months of the calendar."""
    if period == Budget.Period.MONTH:
        begins = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return Window(begins, (begins + timedelta(days=32)).replace(day=1))
    begins = datetime.fromtimestamp(now.timestamp() // SECONDS[period] * SECONDS[period], UTC)
    return Window(begins, begins + timedelta(seconds=SECONDS[period]))


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
