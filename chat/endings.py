"""How a run ends: in one transaction, by the runner that holds it or by whoever finds that its runner is gone."""

import logging
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.connections import in_database
from chat import events, leases
from chat.leases import Claim
from chat.log import rows, stream
from chat.log.lines import Line
from chat.log.runlog import Entry
from chat.models import Conversation, Run, RunEvent

logger = logging.getLogger(__name__)

INTERRUPTED = events.Failure(
    code="interrupted", message="The answer was interrupted. What came so far is kept; you can continue it.", retryable=True
)


NO_USAGE = events.Usage()


class Said(NamedTuple):
    """All that a run added to its answer."""

    text: str
    reasoning: str


class Ending(NamedTuple):
    """How a run ended. `failure` is set for a failed or interrupted one."""

    answer_id: UUID
    status: Run.Status
    model: str
    finish_reason: str = ""
    usage: events.Usage = NO_USAGE
    failure: events.Failure | None = None

    def frame(self, seq: int) -> events.Frame:
        """The run's last event."""
        if self.failure:
            return events.ErrorFrame(seq, self.failure)
        return events.Complete(seq, str(self.answer_id), self.finish_reason, self.usage, [self.model])


def finish(claim: Claim, entries: list[Entry], ending: Ending, said: Said) -> bool:
    """Store the last entries, the answer and the run's state together. False, and nothing stored, when the run is not held."""
    with transaction.atomic():
        changes = {
            "status": ending.status,
            "finish_reason": ending.finish_reason,
            "error": ending.failure and _plain(ending.failure),
            "usage": _plain(ending.usage),
            "ended_at": timezone.now(),
            "lease_until": None,
        }
        # The conversation first, as whoever asks or deletes does: else the two could wait for each other.
        Conversation.objects.filter(runs=claim.run_id).update(updated_at=timezone.now())
        if not Run.objects.filter(pk=claim.run_id, fence=claim.fence, status=Run.Status.RUNNING).update(**changes):
            transaction.set_rollback(True)
            return False
        rows = [RunEvent(run_id=claim.run_id, first=e.first, last=e.last, frames=e.packed.decode()) for e in entries]
        RunEvent.objects.bulk_create(rows, ignore_conflicts=True)
        _append(ending.answer_id, said)
    return True


def _append(answer_id: UUID, said: Said) -> None:
    """Joined by the database, so that a continued answer grows and the text so far need not be read."""
    sql = "UPDATE chat_message SET text = text || %s, reasoning = reasoning || %s WHERE id = %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [said.text, said.reasoning, answer_id])


def _plain(value: events.Failure | events.Usage) -> dict[str, Any]:
    return {field: getattr(value, field) for field in value.__struct_fields__}


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
    run = await in_database(Run.objects.only("answer_id", "model").get, pk=claim.run_id)
    ending = Ending(run.answer_id, Run.Status.INTERRUPTED, run.model, failure=INTERRUPTED)
    lines = [*stored, *fence]
    last = lines[-1].seq + 1
    final = Entry(last, last, events.encode(ending.frame(last)))
    tail = [Entry(line.seq, line.seq, line.frame) for line in fence]
    if await in_database(finish, claim, [*tail, final], ending, said_in(lines)):
        await publish(claim.run_id, final)


async def _fence_stream(run_id: UUID, stored: list[Line]) -> list[Line]:
    """What the stream has beyond the rows, closed by an event that takes the next number from the lost runner.

    A runner that only seemed lost finds its number taken and stops (see `chat.writer`).
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
    chunks = [
        frame.chunk for frame in map(events.decode, (line.frame for line in lines)) if isinstance(frame, events.ChunkFrame)
    ]
    text = "".join(chunk.data for chunk in chunks if chunk.type == "text")
    return Said(text, "".join(chunk.data for chunk in chunks if chunk.type == "reasoning"))
