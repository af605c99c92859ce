"""Asks servers for the facts of their models, in runners: one of them asks for each model every ten minutes."""

import asyncio
import logging

import aiohttp
from django.conf import settings
from redis.exceptions import RedisError

from chat import catalogue
from chat.access import notices
from chat.catalogue.contexts import published
from chat.catalogue.health.state import mark_of
from chat.providers.base import ModelConfig
from chat.providers.known import registry, server_facts
from chat.providers.reading.chunks import NotJSONError
from chat.providers.routing import needs_litellm

LOOK_EVERY = 5.0
ASK_EVERY = 600
ASK_AGAIN = 30  # s, if there was no answer: a server may still be loading
ANSWER_SECONDS = 5.0
TELLING = registry.OWN_MACHINES | {"openrouter"}

logger = logging.getLogger(__name__)


async def watch() -> None:
    """Ask until cancelled. A server that does not answer is asked again in its next turn."""
    if settings.ENVIRONMENT.disable_llm_calls:
        await asyncio.Event().wait()
    while True:
        try:
            elsewhere = await catalogue.elsewhere()
            told = [
                await _ask(model) for model in await catalogue.everywhere() if _tells(model) and model.name not in elsewhere
            ]
            if any(told):
                notices.models_changed()
        except RedisError as error:
            logger.warning("Servers are not asked about their models, because Redis does not answer: %s", error)
        await asyncio.sleep(LOOK_EVERY)


def _tells(model: ModelConfig) -> bool:
    return registry.canonical(model.provider) in TELLING and not needs_litellm(model)


async def _ask(model: ModelConfig) -> bool:
    """Ask about the model; tell whether anything new was learned. Raises RedisError."""
    if not await published.is_first(model, ASK_EVERY):
        return False
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            facts = await server_facts.ask(model)
    except (aiohttp.ClientError, OSError, TimeoutError, NotJSONError, ValueError) as error:
        logger.info("The server of %s gives no facts about it: %s", model.name, type(error).__name__)
        facts = published.NOTHING
    before = (await published.read([model])).get(mark_of(model))
    if facts == published.NOTHING:
        await published.ask_again_in(model, ASK_AGAIN)
        return False
    if before and facts.context_window is None:  # a sleeping server reports less
        return False
    await published.publish(model, facts)
    return facts != before
