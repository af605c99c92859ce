"""A long call from the side of the one who asks."""

import asyncio
from collections.abc import Sequence

from django.utils import timezone

from accounts.limits import Count
from accounts.storage.connections import in_database
from tools.calling import budget
from tools.errors import NotPossible, TooMany
from tools.execution import claims, hints
from tools.models import ToolCall
from tools.specs import Tool

MOST_OWN = 50  # of one person at once: who waits behind them waits for all
RETRY_AFTER = 30.0  # seconds
TOO_MANY = f"You have {MOST_OWN} calls running in the background already. Wait for one to end, or cancel one. Nothing has run."
RUNS_ALREADY = "This call is already running, or is over."


async def begin(row: ToolCall, tool: Tool, counts: Sequence[Count]) -> None:
    """Reserve what the call takes, queue it and tell the workers. Raises TooMany, TooMuch and NotPossible.

    Whoever ends the call settles the reservation; where it is not queued after all, it lapses.
    """
    if row.person and await in_database(claims.under_way, row.person) >= MOST_OWN:
        raise TooMany(TOO_MANY, RETRY_AFTER)
    row.dispatched_at = row.created_at = timezone.now()
    await budget.reserve(budget.hold_of(row.pk), tool, counts, row.dispatched_at)
    storing = asyncio.ensure_future(in_database(claims.queue, row))
    try:
        is_queued = await asyncio.shield(storing)
    except asyncio.CancelledError:
        await asyncio.shield(_taken_back(storing, row))
        raise
    if not is_queued:
        raise NotPossible(RUNS_ALREADY)
    await hints.send(row.pk)


async def _taken_back(storing: asyncio.Future[bool], row: ToolCall) -> None:
    """Make the call as if it had not been queued: who asked was stopped before any worker was told."""
    if await storing:
        await in_database(claims.unqueue, row)
