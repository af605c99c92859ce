"""Reservations from a person's budgets for an answer: estimated, and set aside before the question is stored."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import NamedTuple

from redis.exceptions import RedisError
from uuid_utils.compat import uuid7

from accounts import audit, limits
from accounts.limits import Asked, Count, Use
from accounts.models import User
from chat.errors import OverBudget, Unavailable
from chat.providers.base import ModelConfig
from chat.providers.known import prices
from chat.providers.parameters import Parameters
from chat.providers.setup_help import UNSET
from chat.runs import usage
from chat.runs.create_run import Started, Terms


class Plan(NamedTuple):
    """An answer before it is stored: by which model, and what it will take of which counts."""

    model: ModelConfig
    terms: Terms
    asked: Asked
    counts: list[Count]


class Reservation:
    """Amount set aside for one answer. Unless `keep` is called, it is given back."""

    def __init__(self) -> None:
        self.kept = False

    def keep(self, started: Started) -> None:
        """The answer is stored. A repeated question takes nothing more: its first run has its own."""
        self.kept = not started.repeated


def plan(who: User, model: ModelConfig, prompt: int, parameters: Parameters) -> Plan:
    """Plan the answer to a request of so many tokens."""
    token_id, rates = audit.actor().token_id, prices.rates(model)
    terms = Terms(uuid7(), datetime.now(UTC), model.provider, token_id, prompt, rates)
    use = Use(who, token_id, model=model.name, provider=model.provider)
    # What Galaxy itself says, where no model is set up, takes nothing.
    counts = [] if model.provider == UNSET.provider else limits.counts_for(use, terms.at)
    return Plan(model, terms, usage.asked(prompt, rates, parameters), counts)


@asynccontextmanager
async def reserved(plan: Plan) -> AsyncIterator[Reservation]:
    """Set aside what the answer will take. Raises OverBudget and Unavailable."""
    run_id = plan.terms.run_id
    try:
        await limits.reserve(run_id, plan.counts, plan.asked, now=plan.terms.at)
    except limits.OverBudget as error:
        raise OverBudget(str(error), error.retry_after) from error
    except RedisError as error:
        raise Unavailable("What is left of your budgets cannot be checked right now. Please send it again.") from error
    held = Reservation()
    try:
        yield held
    finally:
        if not held.kept:
            await limits.release(run_id, plan.counts)
