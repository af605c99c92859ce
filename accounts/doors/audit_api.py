"""The REST API of the audit: a person's own entries; for operators, those of their tenant."""

from datetime import datetime
from typing import Any

import msgspec
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema

from accounts.identity.api_auth import Needs
from accounts.models import AuditEntry, User
from accounts.people import directory
from accounts.storage.connections import in_database

MOST = 100

router = Router(tags=["audit"], auth=Needs(None))


class EntryOut(Schema):
    """One recorded action. `seq` counts all entries of the installation; ids are those of people and things."""

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
        """Decode the JSON text."""
        return msgspec.json.decode(entry.detail) if entry.detail else {}


class PageOut(Schema):
    """A page, newest entry first. Pass `before` to get the next page; it is empty on the last."""

    results: list[EntryOut]
    before: int | None


class Wanted(Schema):
    """Filters of the list."""

    before: int | None = None
    action: str = ""
    person: str = ""
    kind: str = ""
    target: str = ""
    outcome: str = ""
    correlation: str = ""


@router.get("", response=PageOut)
async def entries(request: HttpRequest, wanted: Query[Wanted]) -> dict[str, Any]:
    """List recorded actions, newest first. Filters match exactly; `action` also matches the beginning of a name."""
    found = await in_database(_found, request.auth, wanted)  # type: ignore[attr-defined]  # set by ninja
    return {"results": found[:MOST], "before": found[MOST - 1].seq if len(found) > MOST else None}


def visible_to(person: User) -> "QuerySet[AuditEntry]":
    """Select the entries the person may read: their own or, for an operator, all of their tenant."""
    if not person.is_active:
        return AuditEntry.objects.none()
    if person.is_staff:
        return AuditEntry.objects.filter(tenant__in=tenants_of(person))
    return AuditEntry.objects.filter(tenant=str(person.tenant_id), person=str(person.pk))


def tenants_of(operator: User) -> tuple[str, ...]:
    """List the tenants whose entries the operator reads. Entries without a tenant are for the owner of Galaxy alone."""
    own = (str(operator.tenant_id),)
    return (*own, "") if directory.is_owner(operator) else own


def _found(person: User, wanted: Wanted) -> list[AuditEntry]:
    given = {name: value for name, value in wanted.dict(exclude={"before", "action"}).items() if value}
    rows = visible_to(person).filter(action__startswith=wanted.action, **given)
    if wanted.before is not None:
        rows = rows.filter(seq__lt=wanted.before)
    return list(rows.order_by("-seq")[: MOST + 1])
