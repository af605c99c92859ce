"""The run of a call and its end as its row has it, in whichever process that is."""

import msgspec
from django.utils import timezone

from accounts import audit
from accounts.audit import Actor
from accounts.storage.connections import in_database
from tools.calling import artifacts, running
from tools.calling.caller import Caller
from tools.calling.output import Kept, kept_of
from tools.calling.running import Failed
from tools.models import ToolCall, ToolSetting
from tools.specs import Context, Outcome, Reply, Tool


async def perform(row: ToolCall, tool: Tool, setting: ToolSetting | None, caller: Caller) -> tuple[Outcome, Kept]:
    """Run the tool within its time. A failure is a result, too."""
    context = Context(
        person=caller.person,
        call_id=row.pk,
        conversation_id=caller.conversation_id,
        token_id=caller.token_id,
        chosen=caller.chosen,
        timezone=caller.timezone,
        progress=caller.progress,
    )
    seconds = (setting and setting.timeout) or tool.spec.timeout
    try:
        reply = await running.run(tool, context, row.arguments, seconds=seconds)
    except Failed as error:
        row.error = error.kind
        ended_late = error.kind == "timeout" and not tool.spec.is_idempotent
        return "unknown" if ended_late else "failed", Kept(str(error))
    return "succeeded", await _kept(reply, row, caller)


async def _kept(reply: Reply, row: ToolCall, caller: Caller) -> Kept:
    made = await in_database(artifacts.store, caller, row.pk, reply.files) if reply.files else []
    return kept_of(reply, made)


def close(row: ToolCall, outcome: Outcome, kept: Kept) -> None:
    """Write the end of a call into its row, which is not stored yet."""
    row.state, row.ended_at, row.result = outcome, timezone.now(), msgspec.to_builtins(kept)


def record(row: ToolCall, caller: Caller) -> None:
    """Write the end of a call into the audit."""
    audit.record(
        "tool.called",
        "tool",
        row.tool,
        outcome="ok" if row.state == ToolCall.State.SUCCEEDED else "failed",
        milliseconds=row.milliseconds,
        who=_actor(caller),
        call=row.pk,
        state=str(row.state),
    )


def _actor(caller: Caller) -> Actor:
    now = audit.actor()
    if now.person_id:
        return now
    return Actor(caller.person.tenant_id, caller.person.pk, caller.via, correlation=str(caller.run_id or ""))
