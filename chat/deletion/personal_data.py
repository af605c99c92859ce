"""Personal data in chat: the conversations of a person, with all that was said in them, and the streams of answers."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from asgiref.sync import async_to_sync
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from accounts.people.removal import Holding
from chat import parts
from chat.log import stream
from chat.models import Conversation, Message, ModelCall, Run
from chat.runs.tool_calls import handed_over
from tools import calls

ANSWERS_END_WITHIN = 10.0  # a person who may not chat any more has their answers ended: see chat.runs.runner
LOOK_EVERY = 0.2


def _export(person: User) -> Iterator[Any]:
    for conversation in Conversation.objects.kept().filter(owner=person).order_by("created_at").iterator(100):
        messages = Message.objects.filter(conversation=conversation).order_by("created_at")
        yield {
            "id": conversation.pk,
            "title": conversation.title,
            "model": conversation.model,
            "created": conversation.created_at,
            "updated": conversation.updated_at,
            "shown_leaf": conversation.leaf_id,
            "messages": [_told(message) for message in messages],
        }


def _told(message: Message) -> dict[str, Any]:
    told = {name: getattr(message, name) for name in ("id", "role", "text", "reasoning", "model", "created_at")}
    return {**told, "parent": message.parent_id, "parts": parts.public(message.parts)}


def _remove(person: User) -> Counter[str]:
    """Remove also the person's runs in another person's conversation; the messages there belong to its owner."""
    runs = Run.objects.filter(Q(conversation__owner=person) | Q(person=person))
    _until_answers_ended(runs.filter(status__in=Run.ACTIVE))
    with transaction.atomic():
        # In the order in which an answer's end takes them. While the runs are held, no one adds an event that would be left.
        chats = list(Conversation.objects.select_for_update().filter(owner=person).values_list("pk", flat=True))
        run_ids = list(Run.objects.select_for_update().filter(pk__in=runs.values("pk")).values_list("pk", flat=True))
        removed = calls.forget(chats)
        removed += Counter(Conversation.objects.filter(owner=person).delete()[1])
        removed += Counter(Run.objects.filter(person=person).delete()[1])
    async_to_sync(stream.delete)(run_ids)
    async_to_sync(handed_over.forget)(person.pk)
    return removed


def _until_answers_ended(active: Any) -> None:
    ends = time.monotonic() + ANSWERS_END_WITHIN
    while active.exists() and time.monotonic() < ends:
        time.sleep(LOOK_EVERY)


def _export_calls(person: User) -> Iterator[Any]:
    calls = ModelCall.objects.filter(person=person).order_by("at")
    of_model = ("at", "purpose", "model", "provider", "outcome")
    yield from calls.values(
        *of_model, "prompt_tokens", "completion_tokens", "cached_tokens", "cost", "first_token", "took"
    ).iterator(1_000)


def _forget_calls(person: User) -> Counter[str]:
    """Remove the person's name from the rows, which stay, so that the tenant's sums do not change."""
    ModelCall.objects.filter(person=person).update(person=None, token=None)
    return Counter()


MODEL_CALLS = Holding("model_calls", _export_calls, _forget_calls)
CONVERSATIONS = Holding("conversations", _export, _remove)
HOLDINGS = (MODEL_CALLS, CONVERSATIONS)
