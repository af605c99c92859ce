"""Deleting with a way back: a marked conversation is visible to no one, and is deleted when the time to undo is over.

Its running answers are stopped at once, as by a deletion; brought back, they can be continued. An answer that begins in the
same moment is ended by its runner's next look at the rights.
"""

from datetime import timedelta
from uuid import UUID

from asgiref.sync import async_to_sync
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.access import OWN
from accounts.storage.connections import in_database
from chat import access
from chat.access import notices
from chat.deletion.delete import erase, open_of
from chat.errors import NotFound
from chat.log import stream
from chat.models import Conversation
from chat.runs import asking

FOLLOWED_FOR = timedelta(minutes=1)


async def mark(person_id: UUID, conversation_id: UUID) -> None:
    """Hide the person's conversation and stop its answers. Raises NotFound and NotAllowed."""
    for run_id in await in_database(_active_runs, person_id, conversation_id):
        await asking.stop(person_id, run_id)
    await in_database(_mark, person_id, conversation_id)
    audit.record("conversation.deleted", "conversation", conversation_id)


async def restore(person_id: UUID, conversation_id: UUID) -> None:
    """Bring it back. Raises NotFound once it is deleted for good, and for a stranger's."""
    if not await in_database(_restore, person_id, conversation_id):
        raise NotFound("It is too late to undo: this chat has been deleted for good.")
    audit.record("conversation.restored", "conversation", conversation_id)


def delete_overdue() -> None:
    """Delete for good what was marked longer ago than it can be undone."""
    overdue = Conversation.objects.filter(deleted_at__lte=timezone.now() - Conversation.UNDO_WITHIN)
    for conversation_id in overdue.values_list("pk", flat=True):
        # Asked again under the lock: it may have been brought back meanwhile.
        async_to_sync(stream.delete)(erase(overdue.filter(pk=conversation_id)))


def delete_left_over() -> None:
    """Delete the requests of programs a minute after their answers: until then a slow reader may still follow."""
    over = Conversation.objects.left_over(timezone.now() - FOLLOWED_FOR)
    for conversation_id in over.values_list("pk", flat=True):
        async_to_sync(stream.delete)(erase(over.filter(pk=conversation_id)))


def _active_runs(person_id: UUID, conversation_id: UUID) -> list[UUID]:
    found = access.conversation_of(person_id, conversation_id, OWN)
    return open_of(list(found.runs.values_list("pk", flat=True)))


def _mark(person_id: UUID, conversation_id: UUID) -> None:
    found = access.conversation_of(person_id, conversation_id, OWN)
    with transaction.atomic():
        notices.conversation_deleted(found)
        if not Conversation.objects.filter(pk=found.pk, deleted_at=None).update(deleted_at=timezone.now()):
            raise NotFound("This conversation has already been deleted.")  # of two at once, one marks it


def _restore(person_id: UUID, conversation_id: UUID) -> bool:
    marked = Conversation.objects.restorable_by(access.person(person_id)).filter(pk=conversation_id).first()
    if marked is None:
        return False
    with transaction.atomic():
        restored = Conversation.objects.filter(pk=marked.pk).exclude(deleted_at=None).update(deleted_at=None)
        notices.conversation_changed(marked)
    return bool(restored)
