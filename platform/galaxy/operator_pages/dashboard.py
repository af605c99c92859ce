"""The dashboard of operators: recent activity of their tenant, in figures from the database."""

from datetime import timedelta
from typing import Any

from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone

from accounts.audit import anchors
from accounts.doors import audit_api
from accounts.limits.budgets import window_at
from accounts.models import Usage, User
from accounts.operators.tenant_scope import operator_of
from chat.models import Run

MOST_ENTRIES = 8


def figures(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the figures to the page's context (unfold's `DASHBOARD_CALLBACK`)."""
    operator = operator_of(request)
    return context | {
        "title": "Overview",
        "figures": [*_people(operator), *_runs(operator), *_spent(operator)],
        "entries": audit_api.visible_to(operator).order_by("-seq")[:MOST_ENTRIES],
        "noted": anchors.newest(),
    }


def _people(operator: User) -> list[tuple[str, str, str]]:
    people = User.objects.filter(tenant=operator.tenant_id)
    return [("People", f"{people.filter(is_active=True).count():,}", f"{people.filter(is_active=False).count():,} suspended")]


def _runs(operator: User) -> list[tuple[str, str, str]]:
    since = timezone.now() - timedelta(days=1)
    runs = Run.objects.filter(conversation__tenant=operator.tenant_id, created_at__gte=since)
    failed = runs.filter(status=Run.Status.FAILED).count()
    return [("Answers in 24 hours", f"{runs.count():,}", f"{failed:,} failed")]


def _spent(operator: User) -> list[tuple[str, str, str]]:
    month = window_at("month", timezone.now())
    rows = Usage.objects.filter(tenant=operator.tenant_id, at__gte=month.begins, at__lt=month.ends)
    sums = rows.aggregate(tokens=Sum("tokens"), cost=Sum("cost"))
    since = f"since {month.begins:%d %b} (UTC)"
    return [("Tokens this month", f"{sums['tokens'] or 0:,}", since), ("Cost this month", f"${sums['cost'] or 0:,.2f}", since)]
