"""Sums of the requests to models, counted by the database: by day, by model, by person."""

from datetime import date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from accounts.storage.percentile import Percentile
from chat.models import ModelCall

MOST_PEOPLE = 100
FAILED = ~Q(outcome__in=["stop", "length", "tool_calls", "stopped"])


class Sums(NamedTuple):
    """Sums of requests to models. `cost` is in US dollars, of the requests whose price is known."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cost: float = 0.0
    failed: int = 0
    unpriced: int = 0

    @property
    def tokens(self) -> int:
        """Tokens of the prompts and of the answers together."""
        return self.prompt_tokens + self.completion_tokens


class Use(NamedTuple):
    """The requests to one model, or of one person. Times are seconds to the first token; None if none came."""

    name: str
    provider: str
    sums: Sums
    half: float | None = None
    most: float | None = None  # of 95 %


def of_person(person_id: UUID, since: datetime) -> "QuerySet[ModelCall]":
    """The person's own requests."""
    return ModelCall.objects.filter(person=person_id, at__gte=since)


def of_tenant(tenant_id: UUID, since: datetime) -> "QuerySet[ModelCall]":
    """The requests of everyone in the tenant."""
    return ModelCall.objects.filter(tenant=tenant_id, at__gte=since)


def total(calls: "QuerySet[ModelCall]") -> Sums:
    """Sum up all of them."""
    return _sums(calls.aggregate(**_SUMS))


def by_day(calls: "QuerySet[ModelCall]", zone: tzinfo) -> dict[date, Sums]:
    """Sum up each day, by the days of the person's own time zone."""
    rows: Any = calls.annotate(day=TruncDate("at", tzinfo=zone)).values("day").annotate(**_SUMS)
    return {row["day"]: _sums(row) for row in rows}


def by_model(calls: "QuerySet[ModelCall]") -> list[Use]:
    """Sum up each model, the one with the most tokens first."""
    rows: Any = calls.values("model", "provider").annotate(**_SUMS, **_TIMES)
    rows = rows.order_by("-all_tokens", "model", "provider")
    return [_use(row, row["model"], row["provider"]) for row in rows]


def by_person(calls: "QuerySet[ModelCall]") -> list[Use]:
    """Sum up each person, the one with the most tokens first; all who left count as one."""
    rows: Any = calls.values("person__email").annotate(**_SUMS, **_TIMES)
    rows = rows.order_by("-all_tokens", "person__email")
    return [_use(row, row["person__email"] or "", "") for row in rows[:MOST_PEOPLE]]


_SUMS: dict[str, Any] = {
    "calls": Count("pk"),
    "prompts": Sum("prompt_tokens", default=0),
    "answers": Sum("completion_tokens", default=0),
    "cached": Sum("cached_tokens", default=0),
    "price": Sum("cost", default=0),
    "failed": Count("pk", filter=FAILED),
    "unpriced": Count("pk", filter=Q(cost=None)),
    "all_tokens": Sum(F("prompt_tokens") + F("completion_tokens"), default=0),
}
_TIMES: dict[str, Any] = {
    "half": Percentile("first_token", share=0.5),
    "most": Percentile("first_token", share=0.95),
}


def _sums(row: dict[str, Any]) -> Sums:
    tokens = row["prompts"], row["answers"], row["cached"]
    return Sums(row["calls"], *tokens, float(row["price"]), row["failed"], row["unpriced"])


def _use(row: dict[str, Any], name: str, provider: str) -> Use:
    return Use(name, provider, _sums(row), _seconds(row["half"]), _seconds(row["most"]))


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds()
