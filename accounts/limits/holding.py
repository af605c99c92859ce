"""Reserve, settle, release: what a run or call does with the budgets it falls under."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from redis.exceptions import RedisError

from accounts.connections import in_database
from accounts.limits import budgets, counters, ledger, running
from accounts.limits.budgets import Asked, Count, Left, OverBudget
from accounts.models import Budget, User

logger = logging.getLogger(__name__)


class Spent(NamedTuple):
    """What it took."""

    tokens: int = 0
    cost: float = 0.0


async def reserve(hold: UUID, counts: Sequence[Count], asked: Asked, *, now: datetime) -> None:
    """Set a share of every count aside, under the id of the run or call. Raises OverBudget and RedisError."""
    shares = [(one.key, float(one.budget.amount), _share(one, asked), int(one.window.ends.timestamp())) for one in counts]
    while counts and (answer := await counters.reserve(hold, now.timestamp(), shares)):
        count = counts[abs(answer) - 1]
        if answer > 0:
            raise OverBudget(count, now)
        await _begin(count)


async def _begin(count: Count) -> None:
    """Make a count that Redis does not know from what PostgreSQL does: what was spent, and what is under way."""
    known = await in_database(running.known, count)
    holds = {hold: _share(count, asked) for hold, asked in known.under_way.items()}
    await counters.begin(count.key, known.spent, holds, int(count.window.ends.timestamp()))
    # Whatever has ended since, found no count to settle.
    for hold, tokens, cost in await in_database(ledger.entered, count, list(holds)):
        await counters.settle(hold, [(count.key, _share(count, Spent(tokens, cost)))])


async def settle(hold: UUID, counts: Sequence[Count], spent: Spent) -> None:
    """Put what was spent in place of what was set aside. While Redis is away, the ledger knows, and it lapses."""
    try:
        await counters.settle(hold, [(one.key, _share(one, spent)) for one in counts])
    except RedisError as error:
        logger.warning("What %s took is counted from the ledger later, Redis does not answer: %s", hold, error)


async def release(hold: UUID, counts: Sequence[Count]) -> None:
    """Give back all that was set aside: nothing was begun."""
    try:
        await counters.settle(hold, [(one.key, 0.0) for one in counts])
    except RedisError as error:
        logger.warning("The reservation %s lapses by itself, Redis does not answer: %s", hold, error)


async def left(person: User) -> list[Left]:
    """What is left of the person's budgets. Raises RedisError."""
    counts = await in_database(budgets.counts_of, person, datetime.now(UTC))
    known = await counters.used([count.key for count in counts]) if counts else []
    return [
        budgets.left_for(count, await _used(count) if used is None else used) for count, used in zip(counts, known, strict=True)
    ]


async def _used(count: Count) -> float:
    known = await in_database(running.known, count)
    return known.spent + sum(_share(count, asked) for asked in known.under_way.values())


def _share(count: Count, taken: Asked | Spent) -> float:
    measure = count.budget.measure
    return 1.0 if measure == Budget.Measure.REQUESTS else float(getattr(taken, measure))
