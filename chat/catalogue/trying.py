"""Trying a provider as an operator set it up: whether it answers, and with which models."""

import asyncio
from typing import NamedTuple

import aiohttp

from chat.catalogue.health import record
from chat.catalogue.health.asking import SECONDS, outcome_of
from chat.providers.base import ModelConfig
from chat.providers.known import model_finder, registry
from chat.providers.known.model_finder import Source
from chat.providers.reading.chunks import NotJSONError
from chat.providers.routing import needs_litellm

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
    """Ask the model for three tokens, in a process without LiteLLM, and note its health for everyone."""
    if needs_litellm(model):
        return Tried(works=True, words=f"{model.name} is called through LiteLLM: ask it something to see whether it answers.")
    error = await outcome_of(model, (await record.known([model]))[model.name])
    if error is None:
        return Tried(works=True, words=f"{model.name} answers.")
    return Tried(works=False, words=f"{model.name} does not answer: {error}")
