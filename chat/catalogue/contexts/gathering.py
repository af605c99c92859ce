"""Puts the context of models together: values from operators come first, then the server's own, then LiteLLM's table."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from chat.catalogue import health
from chat.catalogue.contexts import published
from chat.catalogue.contexts.values import (
    InferenceSettings,
    ModelCapabilities,
    ModelContext,
    ModelIdentification,
    Place,
    RuntimeProperties,
    Source,
    TokenizerDetails,
)
from chat.catalogue.health.state import Health, mark_of
from chat.providers.base import ModelConfig
from chat.providers.known import prices, registry
from chat.providers.known.prices import Facts
from chat.providers.known.told_facts import ServerFacts
from chat.providers.own_network import host_of, is_local, is_loopback_address
from chat.providers.parameters import Parameters
from chat.providers.reading.counting import BYTES_A_TOKEN

A_MILLION = 1_000_000
SETTABLE = list(Parameters.__struct_fields__)


async def known(models: Iterable[ModelConfig]) -> dict[str, ModelContext]:
    """The contexts of these models, by their names; an alias can do what all its members can."""
    every = list(models)
    single = {mark_of(one): one for model in every for one in (model.members or (model,))}
    if any(registry.canonical(one.provider) not in registry.OWN_MACHINES for one in single.values()):
        await asyncio.to_thread(prices.load)
    said, states = await published.read(single.values()), await health.by_mark(single.values())
    made = {mark: _of(one, said.get(mark, published.NOTHING), states.get(mark, Health())) for mark, one in single.items()}
    return {
        model.name: _of_alias(model, [made[mark_of(one)] for one in model.members]) if model.is_alias else made[mark_of(model)]
        for model in every
    }


class _Gathered:
    """Values with their sources: for each, the first source that knows it."""

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}

    def first(self, path: str, **values: Any) -> Any:
        for source, value in values.items():
            if value is not None:
                self.sources[path] = source  # type: ignore[assignment]  # the names of the arguments are the sources
                return value
        return None


def _of(model: ModelConfig, said: ServerFacts, state: Health) -> ModelContext:
    table = None if registry.canonical(model.provider) in registry.OWN_MACHINES else prices.facts(model.provider, model.model)
    gathered = _Gathered()
    return ModelContext(
        identification=_identification(model, said, gathered),
        capabilities=_capabilities(model, said, table or Facts(), gathered),
        inference=InferenceSettings(settable=SETTABLE, defaults=said.defaults, takes_system_message=model.system_role),
        tokenizer=_tokenizer(said, gathered),
        runtime=_runtime(model, said, state, gathered),
        sources=gathered.sources,
    )


def _identification(model: ModelConfig, said: ServerFacts, gathered: _Gathered) -> ModelIdentification:
    named = {
        field: gathered.first(f"identification.{field}", server=getattr(said, field))
        for field in ("family", "parameter_count", "quantization")
    }
    return ModelIdentification(name=model.name, provider=model.provider, model=model.model, **named)


def _capabilities(model: ModelConfig, said: ServerFacts, table: Facts, gathered: _Gathered) -> ModelCapabilities:
    def first(field: str, **values: Any) -> Any:
        return gathered.first(f"capabilities.{field}", **values)

    return ModelCapabilities(
        context_window=first(
            "context_window", operator=model.context_window, server=said.context_window, table=table.max_input_tokens
        ),
        max_output=first("max_output", operator=model.max_output, server=said.max_output, table=table.max_output_tokens),
        images=first("images", server=said.images, table=table.supports_vision),
        audio=first("audio", table=table.supports_audio_input),
        documents=first("documents", table=table.supports_pdf_input),
        tools=_tools(model, first("tools", server=said.tools, table=table.supports_function_calling)),
        reasoning=first("reasoning", server=said.reasoning, table=table.supports_reasoning),
        structured_output=first("structured_output", table=table.supports_response_schema),
    )


def _tools(model: ModelConfig, told: bool | None) -> Any:  # noqa: FBT001  three states of one fact
    if model.is_demonstration:
        return "none"
    return "native" if model.tools and told is not False else "in words"


def _tokenizer(said: ServerFacts, gathered: _Gathered) -> TokenizerDetails:
    name = gathered.first("tokenizer.name", server=said.tokenizer)
    vocabulary = gathered.first("tokenizer.vocabulary", server=said.vocabulary)
    return TokenizerDetails(name=name, vocabulary=vocabulary, bytes_a_token=BYTES_A_TOKEN)


def _runtime(model: ModelConfig, said: ServerFacts, state: Health, gathered: _Gathered) -> RuntimeProperties:
    rates = prices.rates(model)
    prompt = gathered.first("runtime.prompt_price", table=rates and round(rates.prompt * A_MILLION, 6))
    answer = gathered.first("runtime.answer_price", table=rates and round(rates.answer * A_MILLION, 6))
    return RuntimeProperties(
        place=place_of(model),
        server=registry.label(model.provider),
        wire="openai" if registry.speaks_openai(model.provider, model.base_url) else "litellm",
        slots=gathered.first("runtime.slots", server=said.slots),
        prompt_price=prompt,
        answer_price=answer,
        state=state.state,
    )


def place_of(model: ModelConfig) -> Place:
    """Return the place where the model runs, judged by its URL."""
    address = registry.door(model.provider, model.base_url)
    if is_loopback_address(address):
        return "this machine"
    return "this network" if address and is_local(host_of(address)) else "a provider"


def _of_alias(alias: ModelConfig, members: list[ModelContext]) -> ModelContext:
    """The context of an alias: the least that its members can do, and the highest of their prices."""
    able = [member.capabilities for member in members]
    runs = [member.runtime for member in members]
    return msgspec.structs.replace(
        members[0],
        identification=ModelIdentification(
            name=alias.name, provider=alias.provider, model=alias.model, members=[one.name for one in alias.members]
        ),
        capabilities=_common(able),
        runtime=msgspec.structs.replace(
            runs[0],
            place=max((run.place for run in runs), key=_FAR.__getitem__),
            prompt_price=max(filter(None, (run.prompt_price for run in runs)), default=None),
            answer_price=max(filter(None, (run.answer_price for run in runs)), default=None),
            state=next((run.state for run in runs if run.state in {"well", "untried"}), runs[0].state),
        ),
        sources={},
    )


_FAR: Mapping[Place, int] = {"this machine": 0, "this network": 1, "a provider": 2}


def _common(able: list[ModelCapabilities]) -> ModelCapabilities:
    def least(values: Iterable[int | None]) -> int | None:
        return min(filter(None, values), default=None)

    def shared(values: Iterable[bool | None]) -> bool | None:
        told = list(values)
        return False if False in told else None if None in told else True

    return ModelCapabilities(
        context_window=least(one.context_window for one in able),
        max_output=least(one.max_output for one in able),
        images=shared(one.images for one in able),
        audio=shared(one.audio for one in able),
        documents=shared(one.documents for one in able),
        tools="native" if all(one.tools == "native" for one in able) else "in words",
        reasoning=shared(one.reasoning for one in able),
        structured_output=shared(one.structured_output for one in able),
    )
