"""The report on the use of models: figures, two charts and a table, of a person or of a tenant."""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.utils import timezone

from chat.delivery.drawing.components import blocks, draw
from chat.models import ModelCall
from chat.pages.usage import figures
from chat.pages.usage.figures import Sums, Use

PERIODS = {"week": ("7 days", 7), "month": ("30 days", 30), "quarter": ("90 days", 90)}
FIRST = "month"


class Report(NamedTuple):
    """The use of models in a period. `charts` are contexts of the template of a chart."""

    period: str
    total: Sums
    days: list[tuple[date, Sums]]
    models: list[Use]
    people: list[Use]
    charts: list[dict[str, Any]]


def known(period: str) -> str:
    """Return the period, or the usual one for a name that means none."""
    return period if period in PERIODS else FIRST


def of_person(person_id: UUID, period: str, zone: tzinfo) -> Report:
    """The person's own use."""
    return _report(figures.of_person(person_id, _since(period, zone)), period, zone)


def of_tenant(tenant_id: UUID, period: str, zone: tzinfo) -> Report:
    """The use by everyone in a tenant, with a table of the people."""
    calls = figures.of_tenant(tenant_id, _since(period, zone))
    return _report(calls, period, zone)._replace(people=figures.by_person(calls))


def _since(period: str, zone: tzinfo) -> datetime:
    """The beginning of the period's first day."""
    first = timezone.now().astimezone(zone).date() - timedelta(days=PERIODS[period][1] - 1)
    return datetime.combine(first, time(), zone)


def _report(calls: "QuerySet[ModelCall]", period: str, zone: tzinfo) -> Report:
    counted = figures.by_day(calls, zone)
    first = _since(period, zone).date()
    days = [first + timedelta(days=number) for number in range(PERIODS[period][1])]
    by_day = [(day, counted.get(day, Sums())) for day in days]
    total = figures.total(calls)
    return Report(period, total, by_day, figures.by_model(calls), [], _charts(by_day, total))


def _charts(days: list[tuple[date, Sums]], total: Sums) -> list[dict[str, Any]]:
    """Tokens of each day, and their cost where any is known."""
    x: list[str | float] = [f"{day.day} {day:%b}" for day, _ in days]
    asked = blocks.Series("Prompts", [float(sums.prompt_tokens) for _, sums in days])
    answered = blocks.Series("Answers", [float(sums.completion_tokens) for _, sums in days])
    found = [blocks.Chart("area", x, [asked, answered], "Tokens a day")]
    if total.cost:
        cost = blocks.Series("Cost", [round(sums.cost, 6) for _, sums in days])
        found.append(blocks.Chart("area", x, [cost], "Cost a day", "US dollars"))
    return [draw.context_of(msgspec.to_builtins(chart)) for chart in found]
