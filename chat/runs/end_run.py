"""The end of a run, whichever way it came: one function stores it, shows it, and settles what it took."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from accounts.storage.connections import in_database
from chat import events, parts
from chat.access import notices
from chat.log import rows, stream
from chat.log.claims import Claim
from chat.log.lines import Line, is_final
from chat.log.log_buffer import Entry
from chat.log.tail import LooseTail, Sealed, Tail
from chat.models import Conversation, GivenRequest, ModelCall, Run, RunStep
from chat.parts import AnyPart, Artifact, Citation, ToolResult
from chat.runs import states, steps, usage
from chat.runs.usage import Leg
from tools.calls import cancel, cancel_of_run, long_among

INTERRUPTED = events.Failure(
    code="interrupted",
    message="The answer was interrupted. What was written so far is kept; you can continue it.",
    retryable=True,
)
CANCELLED = "The user stopped the answer before this was decided. It was not run."
DELETED = events.Failure(code="not_found", message="This answer was deleted.")
# Ends after which no one wants what its long tools still do; one that is interrupted may be continued, and takes their results.
UNWANTED = (Run.Status.STOPPED, Run.Status.FAILED)
NO_USAGE = events.Usage()


class Ending(NamedTuple):
    """End of a run, and its usage. `failure` is set for a failed or interrupted one."""

    answer_id: UUID
    status: Run.Status
    models: list[str]
    finish_reason: str = ""
    usage: events.Usage = NO_USAGE
    failure: events.Failure | None = None
    begun: bool = True  # whether a model was asked at all
    leg: Leg | None = None  # what is still to be settled
    made: Sequence[AnyPart] = ()  # the answer's parts
    call: ModelCall | None = None  # the last request to a model

    def frames(self, seq: int) -> list[events.Frame]:
        """The run's last event."""
        if self.failure:
            return [events.ErrorFrame(seq, self.failure)]
        citations, artifacts = (parts.public(parts.of_kind(kind, self.made)) for kind in (Citation, Artifact))
        told = (str(self.answer_id), self.finish_reason, self.usage, self.models, citations, artifacts)
        return [events.Complete(seq, *told)]


async def end(tail: Tail, ending: Ending, *, insist: bool = False) -> bool:
    """End the run that `tail` holds: store, show, settle. False, and nothing stored, when the claim is not in force any more.

    With `insist`, try until the database answers: an answer that is there is not thrown away because PostgreSQL restarts.
    Without, raises DatabaseError.
    """
    async with tail.sealed(ending.frames) as sealed:

        async def storing() -> bool:
            return await in_database(store, tail.claim, ending, sealed)

        held = await (steps.insisting(storing) if insist else storing())
    if held:
        await tail.show(sealed.entries[-1])
        await stream.expire(tail.claim.run_id)  # left for those who still follow, not for longer
        if ending.leg:
            await usage.settle(tail.claim.run_id, ending.leg, begun=ending.begun)
    return held


async def stop_unheld(run: Run, claim: Claim) -> None:
    """End a run that no runner had: what it took before it waited is settled already."""
    stored = await in_database(rows.lines_after, run.pk, 0, most=None)
    done = await in_database(_done_until_now, run, claim)
    total = steps.sum_of(done)
    models, leg = models_of(run, done), usage.leg_of(run, total)
    ending = Ending(run.answer_id, Run.Status.STOPPED, models, "stopped", total, begun=False, leg=leg)
    told = await _told_of_stop(run.pk, stored[-1].seq + 1, len(done))
    await end(LooseTail(claim, stored, [told], after=done[-1].last if done else 0), ending)


async def _told_of_stop(run_id: UUID, seq: int, step: int) -> Line:
    """Tell those who follow the run that it is stopped; give the event's line, which no row has yet."""
    line = events.encode(events.EventFrame(seq, events.ended("stopped", max(step, 1))))
    await stream.add(run_id, Entry(seq, seq, line))
    return Line(seq, line)


def _done_until_now(run: Run, claim: Claim) -> list[RunStep]:
    """The finished steps; of calls that wait for a decision nothing comes any more. What a worker has is not told yet."""
    done = steps.of_run(run.pk)
    if calls := parts.open_calls(part for step in done for part in step.parts):
        called = [call.call for call in calls]
        begun = long_among(called, run.conversation_id)
        not_run = [ToolResult(call.call, "cancelled", CANCELLED, step=call.step) for call in calls if call.call not in begun]
        steps.append(claim, done[-1].number, done[-1].last, not_run)
        cancel(called, run.conversation_id)
    return done


def store(claim: Claim, ending: Ending, sealed: Sealed) -> bool:
    """Store the last entries, the answer and the run's state, all or none. True, too, where an earlier try stored them."""
    with transaction.atomic():
        # The conversation first, as whoever asks or deletes does: else the two could wait for each other.
        conversation = Conversation.objects.select_for_update().filter(runs=claim.run_id).first()
        if conversation and _set_state(claim, ending):
            rows.finish(claim.run_id, sealed.entries)
            steps.hand_over(claim.run_id, ending.answer_id, sealed.parts)
            run = conversation.runs.select_related("conversation").get(pk=claim.run_id)
            if ending.begun and ending.leg:
                usage.enter(run, ending.leg)
                usage.keep([ending.call])
            if conversation.is_transient:
                GivenRequest.objects.filter(run=claim.run_id).delete()
            if ending.status in UNWANTED:
                cancel_of_run(claim.run_id)
            notices.run_changed(run, ending.status)
            Conversation.objects.filter(pk=conversation.pk).update(updated_at=timezone.now())
            return True
    return rows.is_stored(claim, sealed.entries[-1])


def _set_state(claim: Claim, ending: Ending) -> bool:
    return states.finish(
        claim,
        status=ending.status,
        finish_reason=ending.finish_reason,
        error=ending.failure and _plain(ending.failure),
        usage=_plain(ending.usage),
        ended_at=timezone.now(),
    )


def _plain(value: events.Failure | events.Usage) -> dict[str, Any]:
    return {field: getattr(value, field) for field in value.__struct_fields__}


def final_line(run_id: UUID, after: int = 0) -> Line:
    """The last event of a run that is over, as its followers must see it: made anew from the run's state where it is lost.

    Of a run that was deleted nothing is left: its end follows event `after`, the last one that the follower has seen.
    """
    last = rows.last_line(run_id) or Line(after, b"")
    if is_final(last.frame):
        return last
    seq = last.seq + 1
    run = Run.objects.filter(pk=run_id).select_related("answer").first()
    return Line(seq, events.encode(_frame_of(run, seq)))


def models_of(run: Run, done: list[RunStep]) -> list[str]:
    """The models that made a run's answer, each once, in order."""
    return list(dict.fromkeys([*(step.model for step in done if step.model), run.answerer]))


def _frame_of(run: Run | None, seq: int) -> events.Frame:
    if run is None:
        return events.ErrorFrame(seq, DELETED)
    failure = INTERRUPTED if run.status == Run.Status.INTERRUPTED else run.error and msgspec.convert(run.error, events.Failure)
    taken = msgspec.convert(run.usage or {}, events.Usage)
    models, made = models_of(run, steps.of_run(run.pk)), run.answer.parts
    ending = Ending(run.answer_id, Run.Status(run.status), models, run.finish_reason, taken, failure or None, made=made)
    return ending.frames(seq)[0]
