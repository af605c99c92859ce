"""The use of tools in a tenant, counted by the database: by tool, or by tool and model."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, models
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from accounts.storage.percentile import Percentile
from tools.models import ToolCall

State = ToolCall.State
RAN = Q(state__in=(State.SUCCEEDED, State.FAILED, State.UNKNOWN), is_cached=False, ended_at__isnull=False)
TOOK = models.F("ended_at") - Coalesce("dispatched_at", "created_at")
REPAIRED = Q(decided_at=None) & ~Q(sent="")
EDITED = Q(decided_at__isnull=False) & ~Q(sent="")
ASKED = Q(state=State.WAITING) | Q(decided_at__isnull=False)


class Counts(NamedTuple):
    """Calls of a tool, or of one by a model, in some time. Durations are seconds of calls that really ran."""

    tool: str
    model: str = ""
    calls: int = 0
    people: int = 0
    by_models: int = 0
    succeeded: int = 0
    failed: int = 0
    denied: int = 0
    expired: int = 0
    unknown: int = 0
    late: int = 0  # ended by their time limit
    cached: int = 0
    asked: int = 0  # about which a person was asked
    repaired: int = 0
    edited: int = 0  # by the person who was asked
    half: float | None = None
    most: float | None = None  # all but one in twenty
    cost: float = 0.0


def by_tool(tenant_id: UUID, since: datetime | None) -> dict[str, Counts]:
    """The use of each tool that was called since then."""
    return {row["tool"]: _counts(row) for row in _counted(tenant_id, since, "tool")}


def by_model(tenant_id: UUID, since: datetime | None) -> dict[str, list[Counts]]:
    """The use of each tool by each model that called it since then, the busiest model first."""
    found: dict[str, list[Counts]] = {}
    for row in _counted(tenant_id, since, "tool", "model"):
        if row["model"]:
            found.setdefault(row["tool"], []).append(_counts(row))
    return found


def last_calls(tenant_id: UUID, tools: Collection[str]) -> dict[str, datetime]:
    """The moment of the last call of each of these tools, by one look into the index for each."""
    sql = """
        SELECT name, (SELECT max(created_at) FROM tools_toolcall WHERE tenant_id = %s AND tool = name)
        FROM unnest(%s::text[]) AS name"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [tenant_id, list(tools)])
        return {name: last for name, last in cursor.fetchall() if last}


def errors(tenant_id: UUID, since: datetime | None) -> dict[str, str]:
    """The commonest kind of failure of each tool since then."""
    rows = _calls(tenant_id, since).exclude(error="").values("tool", "error").annotate(times=Count("pk"))
    return {row["tool"]: row["error"] for row in rows.order_by("times", "error")}


def _calls(tenant_id: UUID, since: datetime | None) -> "models.QuerySet[ToolCall]":
    calls = ToolCall.objects.filter(tenant=tenant_id)
    return calls.filter(created_at__gte=since) if since else calls


def _counted(tenant_id: UUID, since: datetime | None, *by: str) -> Iterable[dict[str, Any]]:
    rows: Iterable[dict[str, Any]] = _calls(tenant_id, since).values(*by).annotate(
        calls=Count("pk"),
        people=Count("person", distinct=True),
        by_models=Count("pk", filter=Q(via="model")),
        succeeded=Count("pk", filter=Q(state=State.SUCCEEDED)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
        denied=Count("pk", filter=Q(state=State.DENIED)),
        expired=Count("pk", filter=Q(state=State.EXPIRED)),
        unknown=Count("pk", filter=Q(state=State.UNKNOWN)),
        late=Count("pk", filter=Q(error="timeout")),
        cached=Count("pk", filter=Q(is_cached=True)),
        asked=Count("pk", filter=ASKED),
        repaired=Count("pk", filter=REPAIRED),
        edited=Count("pk", filter=EDITED),
        half=Percentile(TOOK, share=0.5, filter=RAN),
        most=Percentile(TOOK, share=0.95, filter=RAN),
        cost=Sum("cost"),
    ).order_by("-calls", *by)  # fmt: skip
    return rows


def _counts(row: dict[str, Any]) -> Counts:
    seconds = {name: row[name] and row[name].total_seconds() for name in ("half", "most")}
    return Counts(**{**row, **seconds, "cost": row["cost"] or 0.0})
