"""Deleting a conversation truly: rows, streams, and an answer that is being made."""

import asyncio
import time
from uuid import UUID

from django.db import transaction

from accounts import audit
from accounts.access import OWN
from accounts.storage.connections import in_database
from chat import access
from chat.access import notices
from chat.log import stream
from chat.models import Conversation, ConversationQuerySet, Run
from chat.runs import asking
from tools import calls

END_WITHIN = 2.0
LOOK_EVERY = 0.05


async def delete(person_id: UUID, conversation_id: UUID) -> None:
    """Delete the person's conversation with everything below it. Raises NotFound."""
    run_ids = await in_database(_runs_of, person_id, conversation_id)
    await _end(person_id, run_ids)
    await in_database(_delete, person_id, conversation_id)
    await stream.delete(run_ids)
    audit.record("conversation.deleted", "conversation", conversation_id)


async def _end(person_id: UUID, run_ids: list[UUID]) -> None:
    """Stop what runs and let it end, so that its followers see its last event; a runner that is gone is not waited for."""
    still_open = await in_database(open_of, run_ids)
    for run_id in still_open:
        await asking.stop(person_id, run_id)
    deadline = time.monotonic() + END_WITHIN
    while still_open and time.monotonic() < deadline:
        await asyncio.sleep(LOOK_EVERY)
        still_open = await in_database(open_of, still_open)


def _runs_of(person_id: UUID, conversation_id: UUID) -> list[UUID]:
    return list(access.conversation_of(person_id, conversation_id, OWN).runs.values_list("pk", flat=True))


def open_of(run_ids: list[UUID]) -> list[UUID]:
    """Those of the runs that have not ended."""
    return list(Run.objects.filter(pk__in=run_ids, status__in=Run.OPEN).values_list("pk", flat=True))


def _delete(person_id: UUID, conversation_id: UUID) -> None:
    found = access.conversation_of(person_id, conversation_id, OWN)
    erase(Conversation.objects.filter(pk=found.pk))


def erase(rows: ConversationQuerySet) -> list[UUID]:
    """Delete the first of the rows, with everything below it; the ids of its runs, whose streams remain to be deleted."""
    with transaction.atomic():
        # In the order in which an answer's end takes them. While the runs are held, no one adds an event that would be left.
        found = rows.select_for_update().first()
        if found is None:
            return []
        run_ids = list(Run.objects.select_for_update().filter(conversation_id=found.pk).values_list("pk", flat=True))
        notices.conversation_deleted(found)
        calls.forget([found.pk])
        found.delete()
    return run_ids
