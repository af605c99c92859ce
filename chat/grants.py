"""What of chat can be granted: conversations, to read or to write in, and models, to use."""

from collections.abc import Iterable
from uuid import UUID

from asgiref.sync import async_to_sync
from django.apps import apps
from django.utils.formats import localize
from django.utils.timezone import localtime

from accounts.access import READ, USE, WRITE, Thing
from accounts.kinds import Kind, Named
from chat import catalogue

MOST_CONVERSATIONS = 200


def _models(_: UUID) -> Iterable[Named]:
    return [Named(model.name, model.name) for model in async_to_sync(catalogue.models)()]


def _conversations(tenant_id: UUID) -> Iterable[Named]:
    """By owner and day, not by title: what people talk about is not for operators."""
    found = apps.get_model("chat", "Conversation").objects.filter(tenant_id=tenant_id).select_related("owner")
    rows = found.order_by("-updated_at")[:MOST_CONVERSATIONS]
    return [Named(str(row.pk), f"{row.owner}, {localize(localtime(row.updated_at))}") for row in rows]


def _conversation(tenant_id: UUID, target: str) -> Thing | None:
    try:
        wanted = UUID(target)
    except ValueError:
        return None
    row = apps.get_model("chat", "Conversation").objects.filter(tenant_id=tenant_id, pk=wanted).first()
    return Thing("conversation", str(row.pk), row.tenant_id, row.owner_id) if row else None


KINDS = (
    Kind("conversation", (READ, WRITE), _conversations, find=_conversation),
    Kind("model", (USE,), _models, open_at_first=True),
)
