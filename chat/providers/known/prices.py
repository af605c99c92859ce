"""Prices and purposes of models, from the table that LiteLLM ships. Read as a file: LiteLLM itself is not imported."""

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from chat.events import Usage
from chat.providers.base import Finished, ModelConfig
from chat.providers.known import registry

TABLE = "model_prices_and_context_window_backup.json"


class Facts(msgspec.Struct, frozen=True, gc=False):
    """Known facts about a model. Prices are in US dollars per token."""

    mode: str = ""
    input_cost_per_token: float | None = None
    output_cost_per_token: float | None = None
    cache_read_input_token_cost: float | None = None
    max_input_tokens: int | None = None
    max_output_tokens: int | None = None
    supports_vision: bool | None = None
    supports_audio_input: bool | None = None
    supports_pdf_input: bool | None = None
    supports_function_calling: bool | None = None
    supports_reasoning: bool | None = None
    supports_response_schema: bool | None = None


def facts(provider: str, model: str) -> Facts | None:
    """The model's row: under its provider's name, else under its own."""
    name = registry.canonical(provider)
    rows = _rows()
    return rows.get(f"{name}/{model}") or rows.get(model)


def is_for_chat(provider: str, model: str) -> bool:
    """Tell whether the table lists the model for chat."""
    row = facts(provider, model)
    return row is not None and row.mode == "chat"


class Rates(NamedTuple):
    """US dollars per token of the prompt, of the answer, and of the cached part of the prompt."""

    prompt: float
    answer: float
    cached: float | None = None  # as for other tokens of the prompt, if no price for them is known

    def cost(self, usage: Usage) -> float:
        """The cost of so many tokens."""
        saved = 0.0 if self.cached is None else usage.cached_tokens * (self.prompt - self.cached)
        return usage.prompt_tokens * self.prompt + usage.completion_tokens * self.answer - saved


def rates(model: ModelConfig) -> Rates | None:
    """The model's prices, of an alias the highest; None if none is known."""
    if model.is_alias:
        return _dearest([found for member in model.members if (found := rates(member))])
    row = None if registry.canonical(model.provider) in registry.OWN_MACHINES else facts(model.provider, model.model)
    if row is None or row.input_cost_per_token is None or row.output_cost_per_token is None:
        return None
    return Rates(row.input_cost_per_token, row.output_cost_per_token, row.cache_read_input_token_cost)


def _dearest(found: list[Rates]) -> Rates | None:
    return Rates(max(one.prompt for one in found), max(one.answer for one in found)) if found else None


def cost(model: ModelConfig, usage: Usage) -> float | None:
    """The answer's price in US dollars; the provider's own figure first, None where nothing is known."""
    if usage.cost is not None:
        return usage.cost
    found = rates(model)
    return found.cost(usage) if found else None


def priced(end: Finished, model: ModelConfig) -> Finished:
    """The end of an answer with its price."""
    usage = msgspec.structs.replace(end.usage, cost=cost(model, end.usage))
    return Finished(end.reason, usage)


def load() -> None:
    """Reads the table: 10 ms or more that an event loop should spend in a thread, before it is first asked."""
    _rows()


@lru_cache(maxsize=1)
def _rows() -> dict[str, Facts]:
    """The whole table, of each row only what `Facts` holds (1 MB of 3)."""
    spec = importlib.util.find_spec("litellm")
    if spec is None or spec.origin is None:
        return {}
    rows = msgspec.json.decode(Path(spec.origin).with_name(TABLE).read_bytes(), type=dict[str, msgspec.Raw])
    return {name: found for name, row in rows.items() if (found := _facts(row))}


def _facts(row: msgspec.Raw) -> Facts | None:
    """The row's facts; None for the few rows whose numbers are words."""
    try:
        return msgspec.json.decode(row, type=Facts)
    except msgspec.ValidationError:
        return None
