"""Health check of a model: a request for the shortest answer that shows that it works."""

import asyncio
from contextlib import aclosing

from chat.catalogue.health import record
from chat.catalogue.health.state import Health
from chat.providers.base import Finished, ModelConfig, ProviderError, ReasoningDelta, Request, Stalled, TextDelta, Turn
from chat.providers.parameters import Parameters
from chat.providers.routing import provider_for

SECONDS = 15.0
HI = "hi"
TOKENS = 3


async def outcome_of(model: ModelConfig, before: Health) -> ProviderError | None:
    """Ask the model for three tokens, note whether it answers, and return the failure if it does not."""
    try:
        async with asyncio.timeout(SECONDS):
            await _says_something(model)
    except TimeoutError:
        error: ProviderError = Stalled(f"It said nothing within {SECONDS:.0f} seconds.")
    except ProviderError as failure:
        error = failure
    else:
        await record.answered(model, before)
        return None
    await record.failed(model, before, error, opens=True)
    return error


async def _says_something(model: ModelConfig) -> None:
    """Wait for the first word. Raises ProviderError if the model does not begin an answer."""
    request = Request(model, [Turn.said("user", HI)], Parameters(max_tokens=TOKENS), first_token_seconds=SECONDS)
    async with aclosing(provider_for(model).stream(request)) as events:
        async for event in events:
            if isinstance(event, TextDelta | ReasoningDelta | Finished):
                return
