"""One long call in the worker: what was asked when it was made is asked again at the moment of use."""

import asyncio

from accounts.models import AccessToken
from accounts.storage.connections import in_database
from tools import access
from tools.calling import cache
from tools.calling.caller import Caller
from tools.calling.output import Kept
from tools.errors import CallRefused, NotPermitted
from tools.execution import channel, performing
from tools.execution.channel import Progress
from tools.execution.ending import caller_of
from tools.models import ToolCall, ToolSetting
from tools.specs import Outcome, Tool
from tools.specs import Progress as Tell

PROGRESS_EVERY = 0.25  # seconds
LONGEST_WORDS = 200
LEFT = "The person who asked for this has left. Nothing has run."
REVOKED = "The access token by which this was asked was revoked. Nothing has run."
CHANGED = "The tool's description has changed since this was asked for. Nothing has run."


async def carry_out(row: ToolCall) -> tuple[Outcome, Kept]:
    """Run the call of a claimed row. A refusal is a result: the one who asked waits for it."""
    caller = caller_of(row, _teller(row.pk))
    if caller is None:
        return "cancelled", Kept(LEFT)
    try:
        tool, setting = await in_database(_admitted, row, caller)
    except CallRefused as error:
        row.error = error.code
        return "failed", Kept(str(error))
    if found := await cache.find(tool, caller.person, row.arguments):
        row.is_cached = True
        return "succeeded", found
    outcome, kept = await performing.perform(row, tool, setting, caller)
    if outcome == "succeeded":
        await cache.keep(tool, caller.person, row.arguments, kept)
    return outcome, kept


def _admitted(row: ToolCall, caller: Caller) -> tuple[Tool, ToolSetting | None]:
    """The tool, if the person may use it now, and the token that asked still counts. Raises CallRefused."""
    if row.token and AccessToken.objects.filter(pk=row.token, person=caller.person).exclude(revoked_at=None).exists():
        raise NotPermitted(REVOKED)
    tool, setting = access.check(access.rights_of(caller), caller.person, row.tool, row.arguments)
    if tool.definition != row.definition:
        raise NotPermitted(CHANGED)
    return tool, setting


def _teller(call_id: str) -> Tell:
    """Tell of progress four times a second at most."""
    told_at = 0.0
    telling: set[asyncio.Task[None]] = set()

    def tell(fraction: float | None, words: str) -> None:
        nonlocal told_at
        now = asyncio.get_running_loop().time()
        if now - told_at >= PROGRESS_EVERY:
            told_at = now
            task = asyncio.create_task(channel.tell(Progress(call_id, fraction, words[:LONGEST_WORDS])))
            telling.add(task)
            task.add_done_callback(telling.discard)

    return tell
