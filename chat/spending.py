"""What an answer will take of its person's budgets: estimated, and set aside before the question is stored."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from redis.exceptions import RedisError
from uuid_utils.compat import uuid7

from accounts import audit, limits
from accounts.connections import in_database
from accounts.limits import Asked, Use
from chat import access
from chat.errors import OverBudget, Unavailable
from chat.events import Usage
from chat.ledger import CHARACTERS_A_TOKEN
from chat.parameters import Parameters
from chat.providers import prices
from chat.providers.base import ModelConfig
from chat.providers.unset import UNSET
from chat.starts import Started, Terms

USUAL_ANSWER = 1_000  # tokens, where the question sets no limit


class Reservation:
    """What was set aside for one answer. Unless `keep` is called, it is given back."""

    def __init__(self, terms: Terms, use: Use) -> None:
        self.terms = terms
        self.use = use
        self.kept = False

    def keep(self, started: Started) -> None:
        """The answer is stored. A repeated question takes nothing more: its first run has its own."""
        self.kept = not started.repeated


@asynccontextmanager
async def reserved(person_id: UUID, model: ModelConfig, text: str, parameters: Parameters) -> AsyncIterator[Reservation]:
    """Set aside what the answer will take, as far as can be told. Raises OverBudget, NotSignedIn and Unavailable."""
    person, token_id = await in_database(access.person, person_id), audit.actor().token_id
    prompt = len(text) // CHARACTERS_A_TOKEN
    terms = Terms(uuid7(), datetime.now(UTC), model.provider, token_id, prompt)
    held = Reservation(terms, Use(person, token_id, model=model.name, provider=model.provider))
    answer = parameters.max_completion_tokens or parameters.max_tokens or USUAL_ANSWER
    price = prices.cost(model, Usage(prompt, answer)) or 0.0
    try:
        if model.provider != UNSET.provider:  # what Galaxy itself says takes nothing
            await limits.reserve(terms.run_id, held.use, Asked(prompt + answer, price), now=terms.at)
    except limits.OverBudget as error:
        raise OverBudget(str(error), error.retry_after) from error
    except RedisError as error:
        raise Unavailable("What is left of your budgets cannot be told just now. Please send it again.") from error
    try:
        yield held
    finally:
        if not held.kept:
            await limits.release(terms.run_id, held.use, began=terms.at)
