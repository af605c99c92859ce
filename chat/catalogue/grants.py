"""Things in chat that can be granted: conversations, to read or to write in, and models, to use."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.apps import apps
from django.utils.formats import localize
from django.utils.timezone import localtime

from accounts.access import READ, USE, WRITE, Thing
from accounts.access.grantable_kinds import Kind, Named
from accounts.storage.texts import as_uuid
from chat import catalogue

MOST_CONVERSATIONS = 200


def _models(tenant_id: UUID) -> Iterable[Named]:
    return [Named(model.name, model.name) for model in async_to_sync(catalogue.models)(tenant_id)]


def _kept(tenant_id: UUID) -> Any:
    return apps.get_model("chat", "Conversation").objects.kept().filter(tenant_id=tenant_id)


def _conversations(tenant_id: UUID) -> Iterable[Named]:
    found = _kept(tenant_id).select_related("owner")
    return [Named(str(row.pk), _label(row)) for row in found.order_by("-updated_at")[:MOST_CONVERSATIONS]]


def _labels(tenant_id: UUID, targets: Collection[str]) -> dict[str, str]:
    wanted = [found for target in targets if (found := as_uuid(target))]
    rows = _kept(tenant_id).filter(pk__in=wanted).select_related("owner")
    return {str(row.pk): f"of {_label(row)}" for row in rows}


def _label(row: Any) -> str:
    """Name it by owner and beginning, which never change. Not by title: what people talk about is not for operators."""
    return f"{row.owner}, {localize(localtime(row.created_at))}"


def _conversation(tenant_id: UUID, target: str) -> Thing | None:
    wanted = as_uuid(target)
    row = _kept(tenant_id).filter(pk=wanted).first() if wanted else None
    return Thing("conversation", str(row.pk), row.tenant_id, row.owner_id) if row else None


KINDS = (
    Kind("conversation", (READ, WRITE), _conversations, find=_conversation, labels=_labels),
    Kind("model", (USE,), _models, open_at_first=True),
)
