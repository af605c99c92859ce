"""A run that waits: held by no one, until everything it waits for is decided and it is queued again."""

from datetime import timedelta
from functools import partial
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.utils import timezone

from accounts import audit
from accounts.access import WRITE
from accounts.storage import single_use, texts
from accounts.storage.connections import in_database
from chat import access, events
from chat.access import notices
from chat.errors import BadRequest, NotAllowed, NotFound
from chat.log import rows, stream
from chat.log.claims import Claim
from chat.log.tail import Sealed, Tail
from chat.models import Conversation, Run, RunWait
from chat.runs import end_run, states, steps, usage
from chat.runs.loop.toolbox import Wait
from chat.runs.usage import Leg
from tools import calls
from tools.errors import CallRefused

OPEN_FOR = timedelta(days=7)
MOST_BYTES = 64 * 1024  # of a decision
HANDED_OVER = "Another process continues this answer"
DECIDED = "This call is no longer waiting for a decision."
NOT_YOURS = "Only the person who asked can change this call, or allow its tool for good. Allow it once as it is, or decline it."

Decision = Literal["once", "always", "deny"]


class Pause(NamedTuple):
    """A run that waits for these, and what it took until now: all of it, and since it last went on.

    It waits for nothing where only long tools are under way and this process lets it go: then another takes it up at once.
    """

    waits: list[Wait]
    usage: events.Usage
    leg: Leg
    step: int = 1  # that it is in

    def frames(self, seq: int) -> list[events.Frame]:
        """The events that ask for the decisions, numbered from `seq` on."""
        if not self.waits:
            return [events.EventFrame(seq, events.process("thinking", HANDED_OVER, step=self.step))]
        return [
            events.Approval(number, one.call, one.tool, msgspec.json.decode(one.arguments), one.reason)
            for number, one in enumerate(self.waits, seq)
        ]


async def pause(tail: Tail, pause: Pause) -> bool:
    """Store what the run waits for, show it, and let the run go. False when the claim is not in force any more."""
    async with tail.sealed(pause.frames) as sealed:
        held = await steps.insisting(partial(in_database, _store, tail.claim, pause, sealed))
    if held:
        await tail.show(sealed.entries[-1])
        await usage.settle(tail.claim.run_id, pause.leg, begun=True)
        await _stop_if_asked(tail.claim.run_id)
        if not pause.waits and await in_database(_requeued, tail.claim.run_id):
            await stream.wake(tail.claim.run_id)
    return held


async def _stop_if_asked(run_id: UUID) -> None:
    """Stop a run that a person asked to stop while it was let go: then neither its runner nor the asker had it."""
    run = await in_database(Run.objects.filter(pk=run_id, stop_requested=True).first)
    if run is None:
        return
    if claim := await in_database(states.claim, run_id, Run.Status.WAITING):
        await end_run.stop_unheld(run, claim)


def _store(claim: Claim, pause: Pause, sealed: Sealed) -> bool:
    """Store the last entries, what is waited for and the run's state, all or none. True, too, where an earlier try did."""
    with transaction.atomic():
        # The conversation first, as whoever asks, ends or deletes does: else the two could wait for each other.
        held = Conversation.objects.select_for_update().filter(runs=claim.run_id).first()
        if held and states.pause(claim):
            rows.finish(claim.run_id, sealed.entries)
            expires = timezone.now() + OPEN_FOR
            RunWait.objects.bulk_create(
                [RunWait(run_id=claim.run_id, call=one.call, asked=_asked(one), expires_at=expires) for one in pause.waits],
                update_conflicts=True,  # what was decided about another description of the tool is asked again
                unique_fields=["run", "call"],
                update_fields=["asked", "expires_at", "decided_at", "decided_by", "decision"],
            )
            run = held.runs.select_related("conversation").get(pk=claim.run_id)
            usage.enter(run, pause.leg)
            notices.run_changed(run, Run.Status.WAITING)
            Run.objects.filter(pk=claim.run_id).update(settled=msgspec.to_builtins(pause.usage))
            return True
    return rows.is_stored(claim, sealed.entries[-1])


def _asked(wait: Wait) -> dict[str, Any]:
    told: dict[str, Any] = {"tool": wait.tool, "title": wait.title, "arguments": wait.arguments, "reason": wait.reason}
    told |= {} if wait.may_always else {"always": False}
    return told | {"by_another": True} if wait.by_another else told


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person's decision on a call. `arguments` replace the model's; `everywhere` widens "always" beyond the chat."""

    decision: Decision
    arguments: dict[str, Any] | None = None
    words: str = ""
    everywhere: bool = False

    def check(self) -> None:
        """Raises BadRequest for what cannot be stored."""
        given = {"arguments": self.arguments, "words": self.words}
        if not texts.is_clean_json(given) or len(msgspec.json.encode(given)) > MOST_BYTES:
            raise BadRequest("The decision is too long, or holds a character that cannot be stored.")


async def decide(person_id: UUID, call: str, verdict: Verdict) -> UUID:
    """Take a person's decision on a call; gives its run. When nothing more is open, the run goes on.

    Raises NotFound for a call that does not wait, or not for them, NotAllowed and BadRequest.
    """
    verdict.check()
    run_id, goes_on = await in_database(_decide, person_id, call, verdict)
    edited = verdict.arguments is not None
    audit.record("call.decided", "run", run_id, call=call, decision=verdict.decision, edited=edited)
    if goes_on:
        await stream.wake(run_id)
    return run_id


def _decide(person_id: UUID, call: str, verdict: Verdict) -> tuple[UUID, bool]:
    who = access.person(person_id)
    if not texts.is_clean(call):
        raise NotFound(DECIDED)
    waiting = Run.objects.filter(waits__call=call, waits__decided_at=None, status=Run.Status.WAITING)
    if not waiting.visible_to(who).exists():
        raise NotFound(DECIDED)
    run = access.found(waiting, who, WRITE)
    with transaction.atomic():
        Run.objects.select_for_update().get(pk=run.pk)  # of two last decisions at once, the second sees the first
        open_one = RunWait.objects.filter(run=run, call=call, decided_at=None)
        asked = open_one.values_list("asked", flat=True).first() or {}
        if asked.get("by_another") and verdict.decision != "deny" and who.pk == run.person_id:
            raise NotAllowed("Another person who may write in this chat must allow this call. Share the chat with them.")
        if who.pk != run.person_id and _goes_beyond(verdict):
            raise NotAllowed(NOT_YOURS)
        _check_edited(asked, verdict)
        if not single_use.spend(open_one, decided_at=timezone.now(), decided_by=who, decision=msgspec.to_builtins(verdict)):
            raise NotFound(DECIDED)
        notices.approvals_changed(run)
        return run.pk, _go_on(run)


def _goes_beyond(verdict: Verdict) -> bool:
    """Tell whether a decision does more than allow or decline: the call runs with the rights of the person who asked."""
    return verdict.decision == "always" or (verdict.decision == "once" and verdict.arguments is not None)


def _check_edited(asked: dict[str, Any], verdict: Verdict) -> None:
    """Raises BadRequest for edited arguments that the tool does not take."""
    if not asked or verdict.arguments is None:
        return
    try:
        calls.check_edited(asked["tool"], verdict.arguments)
    except CallRefused as error:
        raise BadRequest(str(error)) from error


def _go_on(run: Run) -> bool:
    """Queue the run again where nothing is open any more."""
    goes_on = not RunWait.objects.filter(run=run, decided_at=None).exists() and states.requeue(run.pk)
    if goes_on:
        notices.run_changed(run, Run.Status.QUEUED)
    return goes_on


def decisions(answer_id: UUID, calls: list[str]) -> dict[str, dict[str, Any]]:
    """Return the decisions about an answer's calls, each with its person; also those that a lost run had."""
    waited = RunWait.objects.filter(run__answer=answer_id, call__in=calls)
    decided = waited.exclude(decided_at=None).values_list("call", "decision", "decided_by")
    return {call: (decision or {}) | {"by": str(by) if by else None} for call, decision, by in decided}


def expire() -> list[UUID]:
    """Close what no one decided in time, and queue the runs that waited for nothing else; a lost wake-up is made good, too."""
    sql = """
        UPDATE chat_runwait SET decided_at = now(), decision = '{"decision": "expired"}'
        WHERE decided_at IS NULL AND expires_at < now() RETURNING run_id"""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        expired = {row[0] for row in cursor.fetchall()}
    for run in Run.objects.filter(pk__in=expired).select_related("conversation") if expired else ():
        notices.approvals_changed(run)
    open_waits = RunWait.objects.filter(decided_at=None).values("run")
    stuck = Run.objects.filter(status=Run.Status.WAITING).exclude(pk__in=open_waits)
    return [run_id for run_id in stuck.values_list("pk", flat=True) if _requeued(run_id)]


def _requeued(run_id: UUID) -> bool:
    with transaction.atomic():
        run = Run.objects.select_for_update(of=("self",)).select_related("conversation").filter(pk=run_id).first()
        return run is not None and _go_on(run)
