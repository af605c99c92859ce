"""The end of a run, whichever way it came: one function stores it, shows it, and settles what it took."""

import asyncio
import logging
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from accounts.connections import binding_cursor, in_database
from accounts.limits import Count
from chat import events
from chat.log import rows, stream
from chat.log.claims import Claim
from chat.log.lines import Line, is_final
from chat.log.tail import Said, Sealed, Tail
from chat.models import Conversation, Run
from chat.runs import usage

logger = logging.getLogger(__name__)

INTERRUPTED = events.Failure(
    code="interrupted", message="The answer was interrupted. What came so far is kept; you can continue it.", retryable=True
)
DELETED = events.Failure(code="not_found", message="This answer was deleted.")
NO_USAGE = events.Usage()
RETRY_AFTER = 0.25


class Ending(NamedTuple):
    """How a run ended. `failure` is set for a failed or interrupted one."""

    answer_id: UUID
    status: Run.Status
    model: str
    finish_reason: str = ""
    usage: events.Usage = NO_USAGE
    failure: events.Failure | None = None
    begun: bool = True  # whether a model was asked at all

    def frame(self, seq: int) -> events.Frame:
        """The run's last event."""
        if self.failure:
            return events.ErrorFrame(seq, self.failure)
        return events.Complete(seq, str(self.answer_id), self.finish_reason, self.usage, [self.model])


async def end(tail: Tail, ending: Ending, *, insist: bool = False) -> bool:
    """End the run that `tail` holds: store, show, settle. False, and nothing stored, when the claim is not in force any more.

    With `insist`, try until the database answers: an answer that is there is not thrown away because PostgreSQL restarts.
    Without, raises DatabaseError.
    """
    async with tail.sealed(ending.frame) as sealed:
        held = await (_stored_at_last if insist else _stored)(tail.claim, ending, sealed)
    if held:
        await tail.show(sealed.entries[-1])
        await stream.expire(tail.claim.run_id)  # left for those who still follow, not for longer
        await _settle(tail.claim.run_id, ending)
    return held


async def _stored(claim: Claim, ending: Ending, sealed: Sealed) -> bool:
    return await in_database(store, claim, ending, sealed)


async def _stored_at_last(claim: Claim, ending: Ending, sealed: Sealed) -> bool:
    while True:
        try:
            return await _stored(claim, ending, sealed)
        except (OperationalError, InterfaceError) as error:
            logger.warning("The database does not take the end of run %s, trying again: %s", claim.run_id, error)
            await asyncio.sleep(RETRY_AFTER)


def store(claim: Claim, ending: Ending, sealed: Sealed) -> bool:
    """Store the last entries, the answer and the run's state, all or none. True, too, where an earlier try stored them."""
    with transaction.atomic():
        # The conversation first, as whoever asks or deletes does: else the two could wait for each other.
        conversation = Conversation.objects.select_for_update().filter(runs=claim.run_id).first()
        if conversation and _set_state(claim, ending):
            rows.finish(claim.run_id, sealed.entries)
            _append(ending.answer_id, sealed.said)
            if ending.begun:
                usage.enter(conversation.runs.get(pk=claim.run_id), ending.usage)
            Conversation.objects.filter(pk=conversation.pk).update(updated_at=timezone.now())
            return True
    return rows.is_stored(claim, sealed.entries[-1])


def _set_state(claim: Claim, ending: Ending) -> bool:
    changes = {
        "status": ending.status,
        "finish_reason": ending.finish_reason,
        "error": ending.failure and _plain(ending.failure),
        "usage": _plain(ending.usage),
        "ended_at": timezone.now(),
        "lease_until": None,
    }
    return bool(Run.objects.filter(pk=claim.run_id, fence=claim.fence, status=Run.Status.RUNNING).update(**changes))


def _append(answer_id: UUID, said: Said) -> None:
    """Joined by the database, so that a continued answer grows and the text so far need not be read."""
    sql = "UPDATE chat_message SET text = text || %s::text, reasoning = reasoning || %s::text WHERE id = %s"
    with binding_cursor() as cursor:
        cursor.execute(sql, [said.text, said.reasoning, answer_id])


def _plain(value: events.Failure | events.Usage) -> dict[str, Any]:
    return {field: getattr(value, field) for field in value.__struct_fields__}


async def _settle(run_id: UUID, ending: Ending) -> None:
    """Count what the run took in place of what was reserved for it."""
    counts = await in_database(_counts_of, run_id)
    if counts:  # of a run that was deleted meanwhile, the reservation expires
        await usage.settle(run_id, counts, ending.usage if ending.begun else None)


def _counts_of(run_id: UUID) -> list[Count]:
    run = Run.objects.select_related("person").filter(pk=run_id).first()
    return usage.counts_of(run) if run else []


def final_line(run_id: UUID, after: int = 0) -> Line:
    """The last event of a run that is over, as its followers must see it: made anew from the run's state where it is lost.

    Of a run that was deleted nothing is left: its end follows event `after`, the last one that the follower has seen.
    """
    last = rows.last_line(run_id) or Line(after, b"")
    if is_final(last.frame):
        return last
    seq = last.seq + 1
    return Line(seq, events.encode(_frame_of(Run.objects.filter(pk=run_id).first(), seq)))


def _frame_of(run: Run | None, seq: int) -> events.Frame:
    if run is None:
        return events.ErrorFrame(seq, DELETED)
    failure = INTERRUPTED if run.status == Run.Status.INTERRUPTED else run.error and msgspec.convert(run.error, events.Failure)
    taken = msgspec.convert(run.usage or {}, events.Usage)
    return Ending(run.answer_id, Run.Status(run.status), run.model, run.finish_reason, taken, failure or None).frame(seq)
