"""All changes of calls as rows. Each is one conditional UPDATE, so that of two at once one fails.

    (new) ──> waiting ──decide──> ready ──dispatch──> running ──end──> succeeded | failed | cancelled | unknown
                 └──decide──> denied | expired                            unknown ──end──> succeeded | failed

A long call goes from ready over queued to running in a worker (`tools.execution.claims`).

A call that changes something is committed as running before it leaves: if its process dies, it is unknown, not lost. Calls that
only read are written when they are over, many at once (`tools.calling.recorder`).
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.utils import timezone

from accounts.models import User
from accounts.storage import single_use
from tools.calling.caller import Caller, Decided
from tools.calling.output import Kept
from tools.models import ToolCall
from tools.specs import Tool

OPEN_FOR = timedelta(days=7)
State = ToolCall.State
PRESSED = ("rest", "socket")


def new(
    call_id: str, tool: Tool, caller: Caller, arguments: dict[str, Any], *, sent: str, state: str, **fields: Any
) -> ToolCall:
    """Make the row of a call, without storing it."""
    return ToolCall(
        id=call_id,
        tenant_id=caller.person.tenant_id,
        person=caller.person,
        token=caller.token_id,
        via=caller.via,
        conversation=caller.conversation_id,
        run=caller.run_id,
        model=caller.model,
        tool=tool.spec.name,
        definition=tool.definition,
        risk=tool.spec.risk,
        arguments=arguments,
        sent=sent,
        state=state,
        **fields,
    )


def wait(row: ToolCall, reason: str) -> None:
    """Store that the call waits for a person; also one that must be asked about again."""
    row.reason, row.expires_at = reason, timezone.now() + OPEN_FOR
    row.save(force_insert=not ToolCall.objects.filter(pk=row.pk, person=row.person, state=State.WAITING).exists())


def decide(call_id: str, caller: Caller, decided: Decided) -> bool:
    """Use up the decision on a waiting call. False if it does not wait, or not for this person's answer."""
    state = State.READY if decided.allows else State.EXPIRED if decided.kind == "expired" else State.DENIED
    ended = None if decided.allows else timezone.now()
    waiting = ToolCall.objects.filter(pk=call_id, person=caller.person, state=State.WAITING)
    return single_use.spend(waiting, state=state, decided_by_id=decided.by, decided_at=timezone.now(), ended_at=ended)


def dispatch(row: ToolCall) -> bool:
    """Store that the call is about to run. False when it is running already, or over."""
    now = timezone.now()
    row.state, row.dispatched_at = State.RUNNING, now
    ready = ToolCall.objects.filter(pk=row.pk, person=row.person, state=State.READY)
    if ready.update(state=State.RUNNING, dispatched_at=now, arguments=row.arguments, sent=row.sent):
        return True
    made = ToolCall.objects.bulk_create([row], ignore_conflicts=True)
    return bool(made) and ToolCall.objects.filter(pk=row.pk, state=State.RUNNING, dispatched_at=now).exists()


def end(row: ToolCall) -> None:
    """Store the end of a running call, or of one that was given up as unknown meanwhile."""
    open_one = ToolCall.objects.filter(pk=row.pk, state__in=(State.RUNNING, State.UNKNOWN))
    open_one.update(state=row.state, result=row.result, error=row.error, cost=row.cost, ended_at=row.ended_at)


def add_all(ended: Collection[ToolCall]) -> None:
    """Store calls that are over; one that was stored before stays as it is."""
    ToolCall.objects.bulk_create(ended, ignore_conflicts=True)


def of_calls(call_ids: Collection[str], conversation_id: UUID | None = None) -> dict[str, ToolCall]:
    """The rows there are of these calls of a conversation, or of these calls outside any."""
    return {row.pk: row for row in ToolCall.objects.filter(pk__in=call_ids, conversation=conversation_id)}


def place_of(call_id: str, person: User) -> UUID | None:
    """The conversation of a component by whose press the person made this call, which waits for their own decision."""
    waiting = ToolCall.objects.filter(pk=call_id, person=person, run=None, state=State.WAITING)
    return waiting.filter(via__in=PRESSED).values_list("conversation", flat=True).first()


def give_up(call_id: str) -> bool:
    """Say of a running call whose process is gone that its end is unknown."""
    running = ToolCall.objects.filter(pk=call_id, state__in=(State.RUNNING, State.READY))
    return bool(running.update(state=State.UNKNOWN, ended_at=timezone.now()))


def cancel(call_ids: Collection[str], conversation_id: UUID | None) -> None:
    """Close waiting calls of a conversation."""
    waiting = ToolCall.objects.filter(pk__in=call_ids, conversation=conversation_id, state=State.WAITING)
    waiting.update(state=State.CANCELLED, ended_at=timezone.now())


def as_kept(row: ToolCall) -> Kept:
    """The result as its row has it."""
    return msgspec.convert(row.result or {}, Kept)
