"""One short request to a model: within its person's budgets, bounded in time and length, and kept as a row."""

import asyncio
import logging
from contextlib import aclosing
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from accounts import limits
from accounts.limits import Asked, Count, Spent, Use
from accounts.models import Budget
from accounts.storage.connections import in_database
from chat.catalogue.health.watched import Watched
from chat.events import Usage
from chat.log.timing import Timing
from chat.models import ModelCall, Run
from chat.providers.base import Counted, Finished, ModelConfig, ProviderError, Request, TextDelta, Turn
from chat.providers.known import prices
from chat.providers.parameters import Parameters
from chat.providers.reading.counting import BYTES_A_TOKEN
from chat.providers.retrying import RetryingProvider
from chat.providers.routing import provider_for

logger = logging.getLogger(__name__)

SECONDS = 30.0
MOST_TOKENS = 500  # enough for models that think before they write


class Aside(NamedTuple):
    """A request beside a run's answer, for the run's person. `most`: the bytes after which enough was said."""

    run: Run
    purpose: ModelCall.Purpose
    model: ModelConfig
    rule: str
    material: str
    most: int

    @property
    def id(self) -> UUID:
        """Id in the ledger and among the model calls: one for each run."""
        return uuid5(self.run.pk, self.purpose)

    @property
    def sent(self) -> int:
        """Estimate the tokens of its prompt."""
        return len((self.rule + self.material).encode()) // BYTES_A_TOKEN


class _Heard:
    """Words, usage and times of the model's reply."""

    def __init__(self) -> None:
        self.text, self.usage, self.outcome, self.timing = "", Usage(), "stop", Timing()

    def took(self, aside: Aside) -> Usage:
        """Return the provider's count, or else an estimate, with its price."""
        wrote = len(self.text.encode()) // BYTES_A_TOKEN
        usage = Usage(self.usage.prompt_tokens or aside.sent, self.usage.completion_tokens or wrote, self.usage.cost)
        usage.cached_tokens = self.usage.cached_tokens
        usage.cost = prices.cost(aside.model, usage)
        return usage


async def said(aside: Aside) -> str:
    """Return the words of the model; none if it fails, or if a budget does not allow it."""
    now = timezone.now()
    counts = await in_database(_counts, aside, now)
    try:
        await limits.reserve(aside.id, counts, _estimate(aside), now=now)
    except (limits.OverBudget, RedisError):
        return ""
    heard = _Heard()
    try:
        await _hear(aside, heard)
    finally:
        took = heard.took(aside)
        await in_database(_keep, aside, heard, took, now)
        await limits.settle(aside.id, counts, Spent(took.prompt_tokens + took.completion_tokens, took.cost or 0.0))
    return heard.text


async def _hear(aside: Aside, heard: _Heard) -> None:
    turns = [Turn.said("system", aside.rule), Turn.said("user", aside.material)]
    request = Request(aside.model, turns, Parameters(max_tokens=MOST_TOKENS), first_token_seconds=SECONDS)
    provider = RetryingProvider(Watched(provider_for(aside.model)), attempts=1)
    try:
        async with asyncio.timeout(SECONDS), aclosing(provider.stream(request)) as events:
            async for event in events:
                match event:
                    case TextDelta(text):
                        heard.timing.speaks(asyncio.get_running_loop().time())
                        heard.text += text
                    case Counted(usage) | Finished(usage=usage):
                        heard.usage = usage
                if len(heard.text.encode()) >= aside.most:  # the connection is closed, and the model stops
                    break
    except (ProviderError, TimeoutError) as error:
        heard.outcome = error.code if isinstance(error, ProviderError) else "timeout"
        logger.info("%s for run %s: %s does not answer: %s", aside.purpose, aside.run.pk, aside.model.name, error)


def _estimate(aside: Aside) -> Asked:
    rates = prices.rates(aside.model)
    return Asked(aside.sent + MOST_TOKENS, rates.cost(Usage(aside.sent, MOST_TOKENS)) if rates else 0.0)


def _counts(aside: Aside, now: datetime) -> list[Count]:
    """Return the budgets of tokens and money: the person did not make this request."""
    if not settings.ENVIRONMENT.asides_on_budget:
        return []
    use = Use(aside.run.person, aside.run.token, model=aside.model.name, provider=aside.model.provider)
    return [count for count in limits.counts_for(use, now) if count.budget.measure != Budget.Measure.REQUESTS]


def _keep(aside: Aside, heard: _Heard, took: Usage, now: datetime) -> None:
    run, model = aside.run, aside.model
    whose = {"tenant_id": run.conversation.tenant_id, "person_id": run.person_id, "token": run.token}
    of_model = {"model": model.name, "provider": model.provider}
    tokens = {name: getattr(took, name) for name in ("prompt_tokens", "completion_tokens", "cached_tokens", "cost")}
    times = {"at": heard.timing.at, "first_token": heard.timing.first_token, "took": heard.timing.took}
    kept = {"purpose": aside.purpose, "outcome": heard.outcome, **whose, **of_model, **tokens, **times}
    with transaction.atomic():
        there = Run.objects.filter(pk=run.pk).exists()  # the conversation may be deleted meanwhile
        ModelCall.objects.bulk_create([ModelCall(id=aside.id, run_id=run.pk if there else None, **kept)], ignore_conflicts=True)
        if settings.ENVIRONMENT.asides_on_budget:
            spent = {"tokens": took.prompt_tokens + took.completion_tokens, "cost": took.cost or 0.0}
            limits.enter(aside.id, at=now, is_aside=True, **whose, **of_model, **spent)
