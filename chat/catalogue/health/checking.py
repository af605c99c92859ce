"""Checks the health of models: of each once when Galaxy starts, and of those that are down until they answer again.

One runner of the installation does so at a time. Discovered models are not checked at the start: their server has just listed
them, and a check would load each into memory, or cost money for hundreds that no one has chosen.
"""

import asyncio
import logging
import time
from collections.abc import Iterable

from django.conf import settings
from redis.exceptions import RedisError
from uuid_utils.compat import uuid7

from accounts.storage import hints
from accounts.storage.connections import redis
from chat import catalogue
from chat.catalogue.health import record
from chat.catalogue.health.asking import outcome_of
from chat.catalogue.health.state import Health, mark_of
from chat.catalogue.offers import Offer
from chat.providers.base import ModelConfig

LOOK_EVERY = 1.0
HELD_SECONDS = 10  # after which another runner takes over from one that is no longer seen
FRESH_SECONDS = 300.0  # a model with an outcome this recent needs no check
HINTED_SECONDS = 7 * 24 * 3600
AT_ONCE = 4
# Not checked at the start: Galaxy's own supervisor watches the local model, which may still be loading.
UNASKED = {"found", "local"}
LOCK = "catalogue:health:checker"

logger = logging.getLogger(__name__)


async def watch() -> None:
    """Check until cancelled, while no other runner does."""
    if not record.is_watched() or settings.ENVIRONMENT.disable_llm_calls:
        await asyncio.Event().wait()
    checker = Checker(asks_again=settings.ENVIRONMENT.model_health == "watch")
    while True:
        try:
            if await checker.is_chosen():
                await checker.look()
        except RedisError as error:
            logger.warning("The health of models is not checked, because Redis does not answer: %s", error)
        await asyncio.sleep(LOOK_EVERY)


class Checker:
    """One runner's share of the checking."""

    def __init__(self, *, asks_again: bool) -> None:
        self._me, self._asks_again = str(uuid7()).encode(), asks_again
        self._asked: set[str] = set()
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._room = asyncio.Semaphore(AT_ONCE)
        self._told: str | None = None

    async def is_chosen(self) -> bool:
        """Become the runner that checks, if there is none, or stay it; tell whether this runner is it."""
        if await redis().set(LOCK, self._me, nx=True, ex=HELD_SECONDS):
            return True
        if await redis().get(LOCK) != self._me:
            return False
        await redis().expire(LOCK, HELD_SECONDS)
        return True

    async def look(self) -> None:
        """Check the models that are due, a few at once, and report those that are down to the doctor."""
        offers = list({mark_of(offer.model): offer for offer in await catalogue.sources()}.values())
        found = await record.by_mark(offer.model for offer in offers)
        elsewhere = await catalogue.elsewhere()
        for offer in offers:
            mark = mark_of(offer.model)
            if offer.model.name not in elsewhere and self._is_due(offer, found.get(mark, record.UNTRIED)):
                self._asked.add(mark)
                self._ask(mark, offer.model, found.get(mark, record.UNTRIED))
        await self._tell((offer.model, found.get(mark_of(offer.model), record.UNTRIED)) for offer in offers)

    def _is_due(self, offer: Offer, health: Health) -> bool:
        mark, now = mark_of(offer.model), time.time()
        if mark in self._under_way:
            return False
        if health.is_down and self._asks_again:
            return now >= health.ask_at
        return mark not in self._asked and offer.source not in UNASKED and now - health.asked_at > FRESH_SECONDS

    def _ask(self, mark: str, model: ModelConfig, health: Health) -> None:
        task = self._under_way[mark] = asyncio.create_task(self._asking(model, health))
        task.add_done_callback(lambda _: self._under_way.pop(mark, None))

    async def _asking(self, model: ModelConfig, health: Health) -> None:
        async with self._room:
            await outcome_of(model, health)

    async def _tell(self, every: Iterable[tuple[ModelConfig, Health]]) -> None:
        """Leave a hint for the doctor, if it differs from the last one."""
        told = " ".join(f"{model.name}: {health.reason}" for model, health in every if health.is_down)
        if told == self._told:
            return
        self._told = told
        if told:
            await asyncio.to_thread(hints.leave, hints.MODELS_DOWN, told, seconds=HINTED_SECONDS)
        else:
            await asyncio.to_thread(hints.clear, hints.MODELS_DOWN)
