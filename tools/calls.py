"""The only way to run a tool, whoever asks: a model, a page, REST, `/tools/call`, MCP, an automation.

permission → validation → approval → budget → cache → run, with time limit, progress and cancellation → output → audit
"""

import asyncio
import secrets
import string
from collections import Counter
from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from accounts.limits import Count
from accounts.models import User
from accounts.storage.connections import in_database
from tools import access, registry
from tools.access import Rights
from tools.calling import approval, artifacts, budget, cache, recorder, rows
from tools.calling.caller import Caller, Decided
from tools.calling.output import Kept
from tools.calling.validation import check_arguments
from tools.errors import NeedsApproval, NotPermitted, NotPossible, UnknownTool
from tools.execution import claims, performing, queueing, waiting
from tools.execution.waiting import Ear
from tools.models import StandingApproval, ToolCall, ToolSetting
from tools.specs import Outcome, Risk, Tool

__all__ = [
    "Caller", "Decided", "Kept", "Result", "call", "cancel", "cancel_of_run", "cancel_own",
    "check_edited", "decide", "flush", "forget", "is_elsewhere", "join", "long_among", "new_id", "result_of",
]  # fmt: skip

ALPHABET = string.ascii_letters + string.digits
ID_LENGTH = 9  # what every provider takes (Mistral: exactly this)
CHANGED = "The tool's description has changed since this was decided."
OVER = "This call is no longer waiting for a decision."

flush = recorder.flush


class Result(NamedTuple):
    """End of a call."""

    call_id: str
    outcome: Outcome
    kept: Kept
    seconds: float = 0.0
    is_cached: bool = False
    error: str = ""


class _Admitted(NamedTuple):
    tool: Tool
    setting: ToolSetting | None
    reason: str
    counts: list[Count]


def new_id() -> str:
    """An id for a call."""
    return "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


async def call(
    caller: Caller, name: str, arguments: dict[str, Any], *, call_id: str = "", decided: Decided | None = None, sent: str = ""
) -> Result:
    """Run a tool for a person, once. Raises CallRefused where nothing has run; a tool that fails gives a result that says so.

    A call that waited names its `call_id` again, with what was `decided`; edited arguments are checked like new ones.
    `sent` is what the model wrote, where it was repaired or edited. Cancelling the task ends the call. A long one
    runs in a worker and does not end with those who wait for it: `cancel` ends it, and `join` waits for it again.
    """
    call_id = call_id or new_id()
    if decided and not decided.allows:
        return await _declined(caller, call_id, decided)
    rights = access.recent_rights(caller)
    if rights is None:
        rights = await in_database(access.rights_of, caller)
    admitted = _admit(rights, caller, name, arguments)
    check_arguments(admitted.tool, arguments)
    row = rows.new(call_id, admitted.tool, caller, arguments, sent=sent, state=ToolCall.State.WAITING)
    if admitted.reason or decided:  # what a person decided is used up, also where no one would be asked by now
        await _approved(row, admitted, caller, decided)
    if admitted.tool.spec.is_long:
        return await _in_worker(row, admitted, caller)
    async with budget.reserved(admitted.tool, caller, admitted.counts):
        return await _run(row, admitted, caller)


def _admit(rights: Rights, caller: Caller, name: str, arguments: dict[str, Any]) -> _Admitted:
    tool, setting = access.check(rights, caller.person, name, arguments)
    reason = approval.reason_to_ask(tool, setting, caller, rights.standing)
    return _Admitted(tool, setting, reason, budget.counts_for(tool, caller, rights.budgets))


async def _declined(caller: Caller, call_id: str, decided: Decided) -> Result:
    if not await in_database(rows.decide, call_id, caller, decided):
        raise NotPossible(OVER)
    return Result(call_id, "expired" if decided.kind == "expired" else "denied", Kept(decided.words))


async def _approved(row: ToolCall, admitted: _Admitted, caller: Caller, decided: Decided | None) -> None:
    """Use up the person's decision. Raises NeedsApproval where there is none, or it was for another description."""
    known = (await in_database(rows.of_calls, [row.pk], caller.conversation_id)).get(row.pk)
    is_theirs = known is not None and known.person_id == caller.person.pk
    if known and is_theirs and known.state == ToolCall.State.READY and known.definition == row.definition:
        return  # decided before the process was lost that was to run it
    by_another = _by_another(admitted, caller)
    if decided is None or (known and known.definition != row.definition):
        reason = admitted.reason or CHANGED
        await in_database(rows.wait, row, reason)
        raise NeedsApproval(row.pk, reason, by_another=by_another)
    if by_another and decided.by in (None, caller.person.pk):
        raise NotPermitted("Another person must allow this call.")
    if not await in_database(rows.decide, row.pk, caller, decided):
        raise NotPossible(OVER)
    if decided.kind == "always" and admitted.tool.spec.risk is not Risk.CRITICAL:
        await in_database(approval.remember, admitted.tool, caller, everywhere=decided.everywhere)
        access.forget(caller)


def _by_another(admitted: _Admitted, caller: Caller) -> bool:
    """Tell whether a second person must decide. Raises NotPermitted outside a chat, where no other could."""
    if not (admitted.setting and admitted.setting.by_another and admitted.tool.spec.risk is Risk.CRITICAL):
        return False
    if caller.run_id is None:
        raise NotPermitted("Another person must allow this call. Ask for it in a chat that you share with them.")
    return True


async def _in_worker(row: ToolCall, admitted: _Admitted, caller: Caller) -> Result:
    """Have a worker run the call, and wait for its end."""
    row.zone, row.cost = caller.timezone, admitted.tool.spec.cost
    async with waiting.listening(row.pk, caller.progress) as ear:
        await queueing.begin(row, admitted.tool, admitted.counts)
        return await _awaited(ear)


async def _awaited(ear: Ear) -> Result:
    row = await waiting.ended(ear)
    if row is None:
        raise NotPossible(OVER)
    return result_of(row)


async def _run(row: ToolCall, admitted: _Admitted, caller: Caller) -> Result:
    tool = admitted.tool
    row.dispatched_at = row.created_at = timezone.now()
    if found := await cache.find(tool, caller.person, row.arguments):
        row.is_cached = True
        result = _ended(row, caller, "succeeded", found)
        await _stored(row, was_there=False)
        return result
    writes, row.cost = not tool.spec.is_idempotent, tool.spec.cost
    if writes and not await in_database(rows.dispatch, row):
        raise NotPossible("This call is already running, or is over.")
    try:
        outcome, kept = await performing.perform(row, tool, admitted.setting, caller)
    except asyncio.CancelledError:
        _ended(row, caller, "unknown" if writes else "cancelled", Kept())
        await asyncio.shield(_stored(row, was_there=writes))
        raise
    result = _ended(row, caller, outcome, kept)
    await _stored(row, was_there=writes)
    if outcome == "succeeded":
        await cache.keep(tool, caller.person, row.arguments, kept)
    return result


async def _stored(row: ToolCall, *, was_there: bool) -> None:
    """Store the end of a call: at once where it changed something or shows what can be pressed, otherwise soon."""
    if was_there:
        await in_database(rows.end, row)
        return
    recorder.put(row)
    if (row.result or {}).get("blocks"):
        await recorder.flush()


def _ended(row: ToolCall, caller: Caller, outcome: Outcome, kept: Kept) -> Result:
    """Write the end of a call into its row and the audit."""
    performing.close(row, outcome, kept)
    performing.record(row, caller)
    return result_of(row)


async def decide(caller: Caller, call_id: str, decided: Decided, arguments: dict[str, Any] | None = None) -> Result:
    """Decide about a call of the caller's own that waits outside an answer, and run it. Raises CallRefused.

    Whether they may still write in the conversation that the caller names, the door has asked.
    """
    known = await in_database(rows.of_calls, [call_id], caller.conversation_id)
    row = known.get(call_id)
    if row is None or row.person_id != caller.person.pk or row.run is not None:
        raise NotPossible(OVER)
    return await call(caller, row.tool, arguments or row.arguments, call_id=call_id, decided=decided)


async def join(caller: Caller, call_id: str) -> Result:
    """Wait for a long call that was begun before, for a run that goes on with it. Raises NotPossible where it was deleted."""
    if caller.run_id:
        await in_database(claims.adopt, call_id, caller.run_id)
    async with waiting.listening(call_id, caller.progress) as ear:
        return await _awaited(ear)


def is_elsewhere(row: ToolCall) -> bool:
    """Tell whether a worker has the call, or is to take it."""
    return row.is_long and row.state in ToolCall.UNDER_WAY


def long_among(call_ids: Collection[str], conversation_id: UUID) -> set[str]:
    """Those of a conversation's calls that were given to a worker: their results come, whoever waits."""
    return claims.long_among(call_ids, conversation_id)


def cancel(call_ids: Collection[str], conversation_id: UUID | None) -> None:
    """End calls that are not wanted any more: those that wait for a decision, and long ones."""
    rows.cancel(call_ids, conversation_id)
    claims.ask_to_cancel(pk__in=call_ids, conversation=conversation_id)


def cancel_of_run(run_id: UUID) -> None:
    """End the long calls of a run that is over, once the transaction commits."""
    claims.ask_to_cancel(run=run_id)


def cancel_own(person: User, call_id: str) -> bool:
    """End a person's own long call. False for one that is not theirs, not long, or over."""
    return bool(claims.ask_to_cancel(pk=call_id, person=person))


def check_edited(name: str, arguments: dict[str, Any]) -> None:
    """Check arguments that a person edited, before the decision is used up. Raises UnknownTool and BadArguments."""
    tool = registry.find(name)
    if tool is None:
        raise UnknownTool(name)
    check_arguments(tool, arguments)


def result_of(row: ToolCall) -> Result:
    """The result of a call that is over."""
    outcome: Outcome = row.state  # type: ignore[assignment]  # the states of a call that is over are the outcomes
    return Result(row.pk, outcome, rows.as_kept(row), (row.milliseconds or 0) / 1000, row.is_cached, row.error)


def forget(conversation_ids: Collection[UUID]) -> Counter[str]:
    """Delete what calls keep of conversations that are deleted: arguments, results, artifacts, standing approvals.

    Returns the number of rows by table.
    """
    removed = Counter(ToolCall.objects.filter(conversation__in=conversation_ids).delete()[1])
    removed += Counter(StandingApproval.objects.filter(conversation__in=conversation_ids).delete()[1])
    return removed + artifacts.forget(conversation_ids)
