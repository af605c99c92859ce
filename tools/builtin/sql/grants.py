"""Databases as things that can be granted: to use, which means to describe and to query."""

from collections.abc import Collection, Iterable
from uuid import UUID

from accounts.access import USE, Thing
from accounts.access.grantable_kinds import Kind, Named
from accounts.storage.texts import as_uuid
from tools.models import DATABASE, SqlDatabase


def _databases(tenant_id: UUID) -> Iterable[Named]:
    return [Named(str(row.pk), row.name) for row in SqlDatabase.objects.filter(tenant=tenant_id).order_by("name")]


def _labels(tenant_id: UUID, targets: Collection[str]) -> dict[str, str]:
    wanted = [found for target in targets if (found := as_uuid(target))]
    return {str(row.pk): row.name for row in SqlDatabase.objects.filter(tenant=tenant_id, pk__in=wanted)}


def _database(tenant_id: UUID, target: str) -> Thing | None:
    wanted = as_uuid(target)
    row = SqlDatabase.objects.filter(tenant=tenant_id, pk=wanted).first() if wanted else None
    return row.thing if row else None


KIND = Kind(DATABASE, (USE,), _databases, find=_database, labels=_labels)
