"""Finds long calls whose worker is gone, or of which no worker was told, and brings them on or to an end."""

from datetime import timedelta

from django.utils import timezone

from accounts.storage.connections import in_database
from tools import registry
from tools.calling.output import UNKNOWN, Kept
from tools.execution import claims, ending, hints
from tools.models import ToolCall

MOST_TRIES = 3  # workers that a call may take with it
MOST_WAITING = timedelta(hours=24)
CANCELLED = "This call was cancelled before it began. Nothing has run."
NOT_TAKEN = "No worker took this call within a day. Nothing has run. Ask the operator to start one."
LOST = "The worker that ran this ended before it was done, three times. Ask the operator to look at its log."


async def sweep(call_id: str = "") -> None:
    """Look at every call of which nothing was heard for too long; with an id, at that one."""
    for row in await in_database(claims.overdue, call_id):
        if row.state == ToolCall.State.QUEUED:
            await _bring_on(row)
        else:
            await _take_back(row)


async def _bring_on(row: ToolCall) -> None:
    """Tell the workers again of a call that waits for one."""
    if row.cancel_asked:
        await ending.end(row, "cancelled", Kept(CANCELLED))
    elif not row.tries and row.dispatched_at and row.dispatched_at < timezone.now() - MOST_WAITING:
        row.error = "unavailable"
        await ending.end(row, "failed", Kept(NOT_TAKEN))
    elif await in_database(claims.hinted, row.pk):
        await hints.send(row.pk)


async def _take_back(row: ToolCall) -> None:
    """Give a call to another worker where it may run twice; otherwise its end is unknown."""
    tool = registry.find(row.tool)
    if tool is None or not tool.spec.is_idempotent:
        row.error = "lost"
        await ending.end(row, "unknown", Kept(UNKNOWN))
    elif row.cancel_asked:
        await ending.end(row, "cancelled", Kept(CANCELLED))
    elif row.tries >= MOST_TRIES:
        row.error = "lost"
        await ending.end(row, "failed", Kept(LOST))
    elif await in_database(claims.release, row):
        await hints.send(row.pk)


async def end_unwanted(call_id: str) -> None:
    """End a cancelled call that no worker has taken."""
    if row := await in_database(claims.unwanted, call_id):
        await ending.end(row, "cancelled", Kept(CANCELLED))
