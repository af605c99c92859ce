"""How a run ends: in one transaction, by the runner that holds it or by whoever finds that its runner is gone."""

import logging
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from accounts.connections import binding_cursor, in_database
from accounts.limits import Count
from chat import events
from chat.log import rows, stream
from chat.log.lines import Line, is_final, lines_of
from chat.log.log_buffer import Entry
from chat.models import Conversation, Run, RunEvent
from chat.runs import leases, usage
from chat.runs.leases import Claim

logger = logging.getLogger(__name__)

INTERRUPTED = events.Failure(
    code="interrupted", message="The answer was interrupted. What came so far is kept; you can continue it.", retryable=True
)
DELETED = events.Failure(code="not_found", message="This answer was deleted.")
NO_USAGE = events.Usage()


class Said(NamedTuple):
    """All that a run added to its answer."""

    text: str
    reasoning: str

    @property
    def size(self) -> int:
        """The bytes of both."""
        return len(self.text.encode()) + len(self.reasoning.encode())


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


def finish(claim: Claim, entries: list[Entry], ending: Ending, said: Said) -> bool:
    """Store the last entries, the answer and the run's state together. False, and nothing stored, when the run is not held.

    The last entry holds the final event alone. Where an earlier try stored all this and its answer was lost, True.
    """
    with transaction.atomic():
        # The conversation first, as whoever asks or deletes does: else the two could wait for each other.
        conversation = Conversation.objects.select_for_update().filter(runs=claim.run_id).first()
        if conversation and _end(claim, ending):
            *earlier, final = (
                RunEvent(run_id=claim.run_id, first=e.first, last=e.last, frames=e.packed.decode()) for e in entries
            )
            RunEvent.objects.bulk_create(earlier, ignore_conflicts=True)  # a try to store them may have lost its answer
            final.save(force_insert=True)
            _append(ending.answer_id, said)
            if ending.begun:
                usage.enter(conversation.runs.get(pk=claim.run_id), ending.usage)
            Conversation.objects.filter(pk=conversation.pk).update(updated_at=timezone.now())
            return True
    return _is_stored(claim, entries[-1])


def _end(claim: Claim, ending: Ending) -> bool:
    changes = {
        "status": ending.status,
        "finish_reason": ending.finish_reason,
        "error": ending.failure and _plain(ending.failure),
        "usage": _plain(ending.usage),
        "ended_at": timezone.now(),
        "lease_until": None,
    }
    return bool(Run.objects.filter(pk=claim.run_id, fence=claim.fence, status=Run.Status.RUNNING).update(**changes))


def _is_stored(claim: Claim, entry: Entry) -> bool:
    held = RunEvent.objects.filter(run_id=claim.run_id, run__fence=claim.fence)
    return held.filter(first=entry.first, frames=entry.packed.decode()).exists()


def _append(answer_id: UUID, said: Said) -> None:
    """Joined by the database, so that a continued answer grows and the text so far need not be read."""
    sql = "UPDATE chat_message SET text = text || %s::text, reasoning = reasoning || %s::text WHERE id = %s"
    with binding_cursor() as cursor:
        cursor.execute(sql, [said.text, said.reasoning, answer_id])


def _plain(value: events.Failure | events.Usage) -> dict[str, Any]:
    return {field: getattr(value, field) for field in value.__struct_fields__}


def final_line(run_id: UUID, after: int = 0) -> Line:
    """The last event of a run that is over, as its followers must see it: told anew from the run's state where it is lost.

    Of a run that was deleted nothing is left: its end follows event `after`, the last one that the follower has seen.
    """
    row = RunEvent.objects.filter(run_id=run_id).order_by("-first").first()
    last = lines_of(row.first, row.frames.encode())[-1] if row else Line(after, b"")
    if is_final(last.frame):
        return last
    seq = last.seq + 1
    return Line(seq, events.encode(_told_by(Run.objects.filter(pk=run_id).first(), seq)))


def _told_by(run: Run | None, seq: int) -> events.Frame:
    if run is None:
        return events.ErrorFrame(seq, DELETED)
    failure = INTERRUPTED if run.status == Run.Status.INTERRUPTED else run.error and msgspec.convert(run.error, events.Failure)
    usage = msgspec.convert(run.usage or {}, events.Usage)
    return Ending(run.answer_id, Run.Status(run.status), run.model, run.finish_reason, usage, failure or None).frame(seq)


async def give_up_expired() -> int:
    """End the runs whose runner has not renewed its lease, with all that reached the log. Gives how many."""
    taken = await in_database(leases.take_expired)
    for claim in taken:
        logger.warning("Run %s is marked interrupted: its runner is gone.", claim.run_id)
        await _give_up(claim)
    return len(taken)


async def _give_up(claim: Claim) -> None:
    stored = await in_database(rows.lines_after, claim.run_id, 0, most=None)
    fence = await _fence_stream(claim.run_id, stored)
    run = await in_database(Run.objects.get, pk=claim.run_id)
    lines = [*stored, *fence]
    said = said_in(lines)
    taken = usage.took(run, NO_USAGE, sent=run.prompt_estimate, wrote=said.size)
    ending = Ending(run.answer_id, Run.Status.INTERRUPTED, run.model, usage=taken, failure=INTERRUPTED)
    last = lines[-1].seq + 1
    final = Entry(last, last, events.encode(ending.frame(last)))
    tail = [Entry(line.seq, line.seq, line.frame) for line in fence]
    if await in_database(finish, claim, [*tail, final], ending, said):
        await publish(claim.run_id, final)
        await settle(claim.run_id, ending)


async def settle(run_id: UUID, ending: Ending) -> None:
    """Count what the run took in place of what was set aside for it."""
    counts = await in_database(_with_counts, run_id)
    if counts:  # of a run that was deleted meanwhile, the reservation lapses
        await usage.settle(run_id, counts, ending.usage if ending.begun else None)


def _with_counts(run_id: UUID) -> list[Count]:
    run = Run.objects.select_related("person").filter(pk=run_id).first()
    return usage.counts_of(run) if run else []


async def _fence_stream(run_id: UUID, stored: list[Line]) -> list[Line]:
    """What the stream has beyond the rows, closed by an event that takes the next number from the lost runner.

    A runner that only seemed lost finds its number taken and stops (see `chat.log.writer`).
    """
    while True:
        tail = await stream.lines_after(run_id, stored[-1].seq if stored else 0)
        seq = (tail or stored)[-1].seq + 1 if tail or stored else 1
        data = events.ProcessData(step=1, description="The answer was interrupted.", error=INTERRUPTED.code)
        line = Line(seq, events.encode(events.EventFrame(seq, events.ProcessEvent("error", data))))
        if await stream.add(run_id, Entry(seq, seq, line.frame)):
            return [*tail, line]


async def publish(run_id: UUID, final: Entry) -> None:
    """Show the end of a run that no runner holds to those who follow it."""
    await stream.add(run_id, final)
    await stream.expire(run_id)


def said_in(lines: list[Line]) -> Said:
    """The text and reasoning of a run's frames."""
    text: list[str] = []
    reasoning: list[str] = []
    for line in lines:
        match events.decode(line.frame):
            case events.ChunkFrame(chunk=events.Chunk(type="text", data=data)):
                text.append(data)
            case events.ChunkFrame(chunk=events.Chunk(type="reasoning", data=data)):
                reasoning.append(data)
            case events.EventFrame(event=event) if events.is_rethought(event):
                reasoning += text
                text.clear()
    return Said("".join(text), "".join(reasoning))
