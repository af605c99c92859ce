"""Trying a provider as an operator set it up: whether it answers, and with which models."""

import asyncio
from contextlib import aclosing
from typing import NamedTuple

import aiohttp

from chat.providers.base import Finished, ModelConfig, ProviderError, ReasoningDelta, Request, TextDelta, Turn
from chat.providers.known import model_finder, registry
from chat.providers.known.model_finder import Source
from chat.providers.parameters import Parameters
from chat.providers.reading.chunks import NotJSONError
from chat.providers.routing import needs_litellm, provider_for

SECONDS = 15.0
HI = "hi"
TOKENS = 3  # of the shortest answer that shows that a model works
MOST_LISTED = 300


class Tried(NamedTuple):
    """Result of a trial, in a sentence."""

    works: bool
    words: str


async def models_of(kind: str, base_url: str, key: str) -> list[str]:
    """List the models that a provider says it has; none where it has no list, or does not answer in time."""
    address = base_url or registry.PROVIDERS[kind].base_url
    if not address:
        return []
    try:
        async with asyncio.timeout(SECONDS):
            asked = Source(registry.at(base_url) if base_url else kind, address)
            return (await model_finder.ask(asked, key))[:MOST_LISTED]
    except (aiohttp.ClientError, OSError, TimeoutError, NotJSONError):
        return []


async def try_model(model: ModelConfig) -> Tried:
    """Ask the model for three tokens."""
    if needs_litellm(model):
        return Tried(works=True, words=f"{model.name} is called through LiteLLM: ask it something to see whether it answers.")
    request = Request(model, [Turn.said("user", HI)], Parameters(max_tokens=TOKENS), first_token_seconds=SECONDS)
    try:
        async with asyncio.timeout(SECONDS):
            async with aclosing(provider_for(model).stream(request)) as events:
                async for event in events:
                    if isinstance(event, TextDelta | ReasoningDelta | Finished):
                        return Tried(works=True, words=f"{model.name} answers.")
    except TimeoutError:
        return Tried(works=False, words=f"{model.name} did not answer within {SECONDS:.0f} seconds.")
    except ProviderError as error:
        return Tried(works=False, words=f"{model.name} does not answer: {error}")
    return Tried(works=False, words=f"{model.name} ended its answer without writing anything.")
