"""Which provider serves a model."""

import asyncio
import gc
import importlib
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing
from types import ModuleType

from django.conf import settings

from chat.providers.base import ModelConfig, Provider, ProviderEvent, Refused, Request
from chat.providers.known import registry
from chat.providers.setup_help import UNSET, Unset
from chat.providers.wires.openai_wire import OpenAIWire

LITELLM_ADAPTER = "chat.providers.wires.litellm_stream"

_openai = OpenAIWire()
_importing = threading.Lock()
_imported: list[ModuleType] = []  # the adapter, once it is whole


def provider_for(model: ModelConfig) -> Provider:
    """The provider of this model. What needs LiteLLM imports it at the first question, unless `prepare` was called."""
    if model.provider == UNSET.provider:
        return Unset(finds=settings.ENVIRONMENT.find_models)
    if settings.ENVIRONMENT.disable_llm_calls:
        return _SwitchedOff()
    return _ThroughLiteLLM() if needs_litellm(model) else _openai


def needs_litellm(model: ModelConfig) -> bool:
    """Tell whether the model needs LiteLLM's wires, or, for an alias, one of its members does."""
    if model.is_alias:
        return any(map(needs_litellm, model.members))
    return not registry.speaks_openai(model.provider, model.base_url)


def prepare() -> None:
    """Imports LiteLLM ahead of its first use. Takes seconds; call it before work is accepted, or in a thread.

    What it leaves behind never goes away, so the garbage collector need not look at it: a full collection would stop every
    stream for 200 ms.
    """
    _adapter()


def _adapter() -> ModuleType:
    """LiteLLM's adapter. Of two who ask at once, one waits: a module in `sys.modules` may be only half imported."""
    with _importing:
        if not _imported:
            _imported.append(importlib.import_module(LITELLM_ADAPTER))
            gc.freeze()
        return _imported[0]


class _ThroughLiteLLM:
    """LiteLLM's adapter, imported in a thread when it is first asked."""

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        module = _imported[0] if _imported else await asyncio.to_thread(_adapter)
        provider: Provider = module.LiteLLMStream()
        async with aclosing(provider.stream(request)) as events:
            async for event in events:
                yield event


class _SwitchedOff:
    """Stands in for every provider while calls are switched off."""

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:  # noqa: ARG002
        raise Refused("Asking language models is switched off here (DISABLE_LLM_CALLS).")
        yield  # what makes it a generator
