"""Reservations: reserve, settle and release a run's or call's share of its budgets."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from redis.exceptions import RedisError

from accounts.limits import budgets, counters, ledger, running
from accounts.limits.budgets import Asked, Count, Left, OverBudget
from accounts.models import Budget, User
from accounts.storage.connections import in_database

logger = logging.getLogger(__name__)


class Spent(NamedTuple):
    """Tokens and cost that a use took."""

    tokens: int = 0
    cost: float = 0.0


async def reserve(hold: UUID, counts: Sequence[Count], asked: Asked, *, now: datetime) -> None:
    """Reserve a share of every count under the id of the run or call. Raises OverBudget and RedisError."""
    shares = [(one.key, float(one.budget.amount), _share(one, asked), int(one.window.ends.timestamp())) for one in counts]
    while counts and (answer := await counters.reserve(hold, now.timestamp(), shares)):
        count = counts[abs(answer) - 1]
        if answer > 0:
            raise OverBudget(count, now)
        await _begin(count)


async def _begin(count: Count) -> None:
    """Rebuild a count that Redis lost from what PostgreSQL knows to be spent and running."""
    known = await in_database(running.known, count)
    holds = {hold: _share(count, asked) for hold, asked in known.under_way.items()}
    await counters.begin(count.key, known.spent, holds, int(count.window.ends.timestamp()))
    # A use that has ended since then found no count to settle.
    for hold, tokens, cost in await in_database(ledger.entered, count, list(holds)):
        await counters.settle(hold, [(count.key, _share(count, Spent(tokens, cost)))])


async def renew(hold: UUID, counts: Sequence[Count], asked: Asked) -> None:
    """Keep what is reserved for a use that lives. While Redis is away, it is renewed with the next try."""
    shares = [(one.key, _share(one, asked), int(one.window.ends.timestamp())) for one in counts]
    try:
        await counters.renew(hold, datetime.now(UTC).timestamp(), shares)
    except RedisError as error:
        logger.warning("The reservation %s could not be renewed, Redis does not answer: %s", hold, error)


async def settle(hold: UUID, counts: Sequence[Count], spent: Spent) -> None:
    """Replace the reservation with the amount spent. Without Redis it expires, and the ledger keeps the amount."""
    try:
        await counters.settle(hold, [(one.key, _share(one, spent)) for one in counts])
    except RedisError as error:
        logger.warning("The usage of %s will be counted from the ledger: Redis does not answer: %s", hold, error)


async def release(hold: UUID, counts: Sequence[Count]) -> None:
    """Cancel the reservation: nothing was used."""
    try:
        await counters.settle(hold, [(one.key, 0.0) for one in counts])
    except RedisError as error:
        logger.warning("The reservation %s will expire by itself: Redis does not answer: %s", hold, error)


async def left(person: User) -> list[Left]:
    """List what is left of the person's budgets. Raises RedisError."""
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
