"""Deleting a conversation truly: rows, streams, and an answer that is being made."""

import asyncio
import time
from uuid import UUID

from django.db import transaction

from accounts import audit
from accounts.access import OWN
from accounts.connections import in_database
from chat import access
from chat.log import stream
from chat.models import Conversation, Run
from chat.runs import asking

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
    active = await in_database(_active, run_ids)
    for run_id in active:
        await asking.stop(person_id, run_id)
    deadline = time.monotonic() + END_WITHIN
    while active and time.monotonic() < deadline:
        await asyncio.sleep(LOOK_EVERY)
        active = await in_database(_active, active)


def _runs_of(person_id: UUID, conversation_id: UUID) -> list[UUID]:
    return list(access.conversation_of(person_id, conversation_id, OWN).runs.values_list("pk", flat=True))


def _active(run_ids: list[UUID]) -> list[UUID]:
    return list(Run.objects.filter(pk__in=run_ids, status__in=Run.ACTIVE).values_list("pk", flat=True))


def _delete(person_id: UUID, conversation_id: UUID) -> None:
    found = access.conversation_of(person_id, conversation_id, OWN)
    with transaction.atomic():
        # In the order in which an answer's end takes them. While the runs are held, nobody adds an event that would be left.
        Conversation.objects.select_for_update().filter(pk=found.pk).first()
        list(Run.objects.select_for_update().filter(conversation_id=found.pk).values_list("pk"))
        found.delete()
