"""The ledger in PostgreSQL: what was spent, entered once with the end of a run or call, summed up where a count is lost."""

from typing import Any
from uuid import UUID

from django.db.models import Count as Rows
from django.db.models import Sum

from accounts.limits.budgets import Count
from accounts.models import Budget, Usage


def enter(use_id: UUID, **fields: Any) -> None:
    """Enter what a run or call took, in the transaction that ends it; a second time changes nothing."""
    Usage.objects.bulk_create([Usage(id=use_id, **fields)], ignore_conflicts=True)


def entered(count: Count, use_ids: list[UUID]) -> list[tuple[UUID, int, float]]:
    """The tokens and the cost of those uses that are entered."""
    rows = (
        Usage.objects.filter(tenant=count.budget.tenant_id, pk__in=use_ids).values_list("pk", "tokens", "cost")
        if use_ids
        else []
    )
    return [(use_id, tokens, float(cost)) for use_id, tokens, cost in rows]


def spent(count: Count) -> float:
    """What the ledger has in the count's window."""
    rows = Usage.objects.filter(tenant=count.budget.tenant_id, at__gte=count.window.begins, at__lt=count.window.ends)
    if count.person_id:
        rows = rows.filter(person=count.person_id)
    elif count.budget.group_id:
        rows = rows.filter(person__memberships__group=count.budget.group_id)
    if count.budget.token_id:
        rows = rows.filter(token=count.budget.token_id)
    if count.target:
        rows = rows.filter(**{count.budget.about: count.target})
    return _sum(rows, count.budget.measure)


def _sum(rows: Any, measure: str) -> float:
    if measure == Budget.Measure.REQUESTS:
        return float(rows.aggregate(sum=Rows("pk"))["sum"] or 0)
    return float(rows.aggregate(sum=Sum(measure))["sum"] or 0)
