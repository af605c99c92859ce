"""The budgets that a call counts against: those about tools, and those of money where a call costs some."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from redis.exceptions import RedisError
from uuid_utils.compat import uuid7

from accounts import limits
from accounts.limits import Asked, Count, Spent, Use
from accounts.models import Budget
from accounts.storage.connections import in_database
from tools.calling.caller import Caller
from tools.errors import TooMuch
from tools.specs import Tool


def counts_for(tool: Tool, caller: Caller, budgets: Iterable[Budget], at: datetime | None = None) -> list[Count]:
    """Return every count, of these budgets, that a call of this tool adds to; answers' budgets are not for their tools.

    `at`: when it was reserved, if not just now.
    """
    use = Use(caller.person, caller.token_id, tool=tool.spec.name)
    found = limits.counts_among(budgets, use, at or datetime.now(UTC))
    return [
        one for one in found if one.budget.about == "tool" or (tool.spec.cost and one.budget.measure == Budget.Measure.COST)
    ]


@asynccontextmanager
async def reserved(tool: Tool, caller: Caller, counts: Sequence[Count]) -> AsyncIterator[None]:
    """Reserve what the call takes, and settle it at its end. Raises TooMuch."""
    if not counts:
        yield
        return
    hold, at = uuid7(), datetime.now(UTC)
    await reserve(hold, tool, counts, at)
    try:
        yield
    finally:
        await settle(hold, tool, caller, counts, at)


def hold_of(call_id: str) -> UUID:
    """The id under which a call that runs elsewhere is reserved, so that whoever ends it can settle it."""
    return uuid5(NAMESPACE_OID, f"tool call {call_id}")


async def reserve(hold: UUID, tool: Tool, counts: Sequence[Count], at: datetime) -> None:
    """Reserve what a call takes. Raises TooMuch."""
    if not counts:
        return
    try:
        await limits.reserve(hold, counts, Asked(cost=tool.spec.cost), now=at)
    except limits.OverBudget as error:
        raise TooMuch(str(error), error.retry_after) from error
    except RedisError as error:
        raise TooMuch("What is left of your budgets cannot be checked right now. Try again in a moment.", 2.0) from error


async def settle(hold: UUID, tool: Tool, caller: Caller, counts: Sequence[Count], at: datetime) -> None:
    """Count a call in place of what was reserved for it; twice changes nothing."""
    if counts:
        await in_database(limits.enter, hold, **_entry(tool, caller, at))
        await limits.settle(hold, counts, Spent(cost=tool.spec.cost))


def _entry(tool: Tool, caller: Caller, at: datetime) -> dict[str, Any]:
    whose = {"tenant_id": caller.person.tenant_id, "person_id": caller.person.pk, "token": caller.token_id}
    return whose | {"at": at, "tool": tool.spec.name, "cost": tool.spec.cost}
