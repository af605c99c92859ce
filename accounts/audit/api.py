"""The REST door of the audit: one's own entries; for operators, those of the tenant."""

from datetime import datetime
from typing import Any

import msgspec
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema

from accounts import people
from accounts.connections import in_database
from accounts.models import AuditEntry, User
from accounts.needs import Needs

MOST = 100

router = Router(tags=["audit"], auth=Needs(None))


class EntryOut(Schema):
    """What somebody did. `seq` counts all entries of the installation; ids are those of people and things."""

    seq: int
    at: datetime
    person: str
    via: str
    client: str
    action: str
    kind: str
    target: str
    outcome: str
    milliseconds: int | None
    correlation: str
    detail: Any

    @staticmethod
    def resolve_detail(entry: AuditEntry) -> Any:
        """Its JSON as values."""
        return msgspec.json.decode(entry.detail) if entry.detail else {}


class PageOut(Schema):
    """A page, the newest entry first. `before` asks for the next one; empty at the end."""

    results: list[EntryOut]
    before: int | None


class Wanted(Schema):
    """What to look for."""

    before: int | None = None
    action: str = ""
    person: str = ""
    kind: str = ""
    target: str = ""
    outcome: str = ""
    correlation: str = ""


@router.get("", response=PageOut)
async def entries(request: HttpRequest, wanted: Query[Wanted]) -> dict[str, Any]:
    """What was done, the newest first; every filter is exact, but `action`, which may be the beginning of one."""
    found = await in_database(_found, request.auth, wanted)  # type: ignore[attr-defined]  # set by ninja
    return {"results": found[:MOST], "before": found[MOST - 1].seq if len(found) > MOST else None}


def visible_to(person: User) -> "QuerySet[AuditEntry]":
    """What the person may read: their own entries; an operator, all of the tenant."""
    if not person.is_active:
        return AuditEntry.objects.none()
    if person.is_staff:
        return AuditEntry.objects.filter(tenant__in=tenants_of(person))
    return AuditEntry.objects.filter(tenant=str(person.tenant_id), person=str(person.pk))


def tenants_of(operator: User) -> tuple[str, ...]:
    """Whose entries the operator reads. What nobody and Galaxy itself did is of no tenant, and for who set Galaxy up."""
    own = (str(operator.tenant_id),)
    return (*own, "") if people.is_owner(operator) else own


def _found(person: User, wanted: Wanted) -> list[AuditEntry]:
    given = {name: value for name, value in wanted.dict(exclude={"before", "action"}).items() if value}
    rows = visible_to(person).filter(action__startswith=wanted.action, **given)
    if wanted.before is not None:
        rows = rows.filter(seq__lt=wanted.before)
    return list(rows.order_by("-seq")[: MOST + 1])
