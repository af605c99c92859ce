"""The end of a long call, whoever comes to it: a worker, or whoever finds that its worker is gone."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from django.db import InterfaceError, OperationalError

from accounts import limits
from accounts.storage.connections import in_database
from tools import registry
from tools.calling import budget
from tools.calling.caller import Caller
from tools.calling.output import Kept
from tools.execution import channel, claims, performing
from tools.execution.channel import Over
from tools.models import ToolCall
from tools.specs import Outcome, Progress, _unheard

RETRY_AFTER = 0.5

T = TypeVar("T")

logger = logging.getLogger(__name__)


def caller_of(row: ToolCall, progress: Progress = _unheard) -> Caller | None:
    """The caller of a call, from its row; None once they have left and the call is no one's."""
    if row.person is None:
        return None
    return Caller(
        person=row.person,
        via=row.via,  # type: ignore[arg-type]  # a caller's own word
        token_id=row.token,
        conversation_id=row.conversation,
        run_id=row.run,
        model=row.model,
        timezone=row.zone,
        progress=progress,
    )


async def end(row: ToolCall, outcome: Outcome, kept: Kept) -> bool:
    """Store the end, settle what was reserved, and tell those who wait. False when the call is another's by now."""
    caller = caller_of(row)
    performing.close(row, outcome, kept)
    if not await _insisting(partial(in_database, claims.end, row)):
        return False
    if caller:
        performing.record(row, caller)
    await channel.tell(Over(row.pk))
    if caller:
        await _insisting(partial(_settle, row, caller))
    return True


async def _insisting(work: Callable[[], Awaitable[T]]) -> T:
    """Store what is done, trying until the database answers: it must not be done again because PostgreSQL restarts."""
    while True:
        try:
            return await work()
        except (OperationalError, InterfaceError) as error:
            logger.warning("The end of a long call is not stored yet, the database does not answer: %s", error)
            await asyncio.sleep(RETRY_AFTER)


async def _settle(row: ToolCall, caller: Caller) -> None:
    tool, at = registry.find(row.tool), row.dispatched_at
    if tool is None or at is None:
        logger.warning("What was reserved for call %s lapses by itself: %s is not there any more.", row.pk, row.tool)
        return
    budgets = await in_database(limits.budgets_of, caller.person, row.token)
    hold, counts = budget.hold_of(row.pk), budget.counts_for(tool, caller, budgets, at)
    if row.tries:
        await budget.settle(hold, tool, caller, counts, at)
    else:  # it never ran
        await limits.release(hold, counts)
