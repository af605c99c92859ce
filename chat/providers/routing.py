"""Which provider serves a model."""

import asyncio
import gc
import importlib
import sys
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing

from django.conf import settings

from chat.providers import registry
from chat.providers.base import ModelConfig, Provider, ProviderEvent, Refused, Request
from chat.providers.openai_wire import OpenAIWire
from chat.providers.setup_help import UNSET, Unset

LITELLM_ADAPTER = "chat.providers.litellm_stream"

_openai = OpenAIWire()
_importing = threading.Lock()


def provider_for(model: ModelConfig) -> Provider:
    """The provider of this model. What needs LiteLLM imports it at the first question, unless `prepare` was called."""
    if model.provider == UNSET.provider:
        return Unset(finds=settings.ENVIRONMENT.find_models)
    if settings.ENVIRONMENT.disable_llm_calls:
        return _SwitchedOff()
    return _ThroughLiteLLM() if needs_litellm(model) else _openai


def needs_litellm(model: ModelConfig) -> bool:
    """Whether the model's wire is not OpenAI's."""
    return registry.canonical(model.provider) in registry.OWN_WIRES or not registry.door(model.provider, model.base_url)


def prepare() -> None:
    """Imports LiteLLM ahead of its first use. Takes seconds; call it before work is accepted, or in a thread.

    What it leaves behind never goes away, so the garbage collector need not look at it: a full collection would stop every
    stream for 200 ms.
    """
    with _importing:
        if LITELLM_ADAPTER in sys.modules:
            return
        importlib.import_module(LITELLM_ADAPTER)
    gc.freeze()


class _ThroughLiteLLM:
    """LiteLLM's adapter, imported in a thread when it is first asked."""

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        if LITELLM_ADAPTER not in sys.modules:
            await asyncio.to_thread(prepare)
        module = sys.modules[LITELLM_ADAPTER]
        provider: Provider = module.LiteLLMStream()
        async with aclosing(provider.stream(request)) as events:
            async for event in events:
                yield event


class _SwitchedOff:
    """Stands in for every provider while calls are switched off."""

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:  # noqa: ARG002
        raise Refused("Asking language models is switched off here (DISABLE_LLM_CALLS).")
        yield  # what makes it a generator
