"""The ledger in PostgreSQL: usage is written once, at the end of a run or call, and summed up when a count is lost."""

from typing import Any
from uuid import UUID

from django.db.models import Count as Rows
from django.db.models import Sum

from accounts.limits.budgets import Count
from accounts.models import Budget, Usage


def enter(use_id: UUID, **fields: Any) -> None:
    """Write the usage of a run or call in the transaction that ends it. Repeating it changes nothing."""
    Usage.objects.bulk_create([Usage(id=use_id, **fields)], ignore_conflicts=True)


def entered(count: Count, use_ids: list[UUID]) -> list[tuple[UUID, int, float]]:
    """Return tokens and cost of those uses that are in the ledger."""
    rows = (
        Usage.objects.filter(tenant=count.budget.tenant_id, pk__in=use_ids).values_list("pk", "tokens", "cost")
        if use_ids
        else []
    )
    return [(use_id, tokens, float(cost)) for use_id, tokens, cost in rows]


def spent(count: Count) -> float:
    """Sum up the ledger for the count's window."""
    rows = Usage.objects.filter(tenant=count.budget.tenant_id, at__gte=count.window.begins, at__lt=count.window.ends)
    if count.person_id:
        rows = rows.filter(person=count.person_id)
    elif count.budget.group_id:
        rows = rows.filter(person__memberships__group=count.budget.group_id)
    if count.budget.token_id:
        rows = rows.filter(token=count.budget.token_id)
    if count.target:
        rows = rows.filter(**{count.budget.about: count.target})
    if count.budget.measure == Budget.Measure.REQUESTS and count.budget.about != "tool":
        rows = rows.filter(tool="", is_aside=False)  # tool calls and asides are not requests of the person
    return _sum(rows, count.budget.measure)


def _sum(rows: Any, measure: str) -> float:
    if measure == Budget.Measure.REQUESTS:
        return float(rows.aggregate(sum=Rows("pk"))["sum"] or 0)
    return float(rows.aggregate(sum=Sum(measure))["sum"] or 0)
