"""Reads what a server says that an answer took: in several chunks, in parts, or as texts. Pure."""

from typing import Any

from chat.events import Usage
from chat.providers.reading.numbers import number

BYTES_A_TOKEN = 4  # of a text whose tokens no one has counted
MOST_TOKENS = 100_000_000
MOST_COST = 100_000.0
_PROMPT = ("prompt_tokens", "input_tokens")
_ANSWER = ("completion_tokens", "output_tokens")
_DETAILS = ("prompt_tokens_details", "input_tokens_details")
_CACHED = ("cached_tokens", "cache_read_input_tokens", "prompt_cache_hit_tokens")


def counted(before: Usage, told: Any) -> Usage:
    """The last good value of each member: what is told now, else what was told before."""
    if not isinstance(told, dict):
        return before
    cost = _cost(told.get("cost"))
    prompt = _tokens(told, _PROMPT) or before.prompt_tokens
    return Usage(
        prompt,
        _tokens(told, _ANSWER) or before.completion_tokens,
        before.cost if cost is None or (not cost and before.cost) else cost,
        min(_cached(told) or before.cached_tokens, prompt),
    )


def _cached(told: dict[str, Any]) -> int:
    """Return the cached tokens of the prompt, which are among the details, or beside the other counts."""
    places = [told.get(name) for name in _DETAILS] + [told]
    return max((_tokens(place, _CACHED) for place in places if isinstance(place, dict)), default=0)


def _tokens(told: dict[str, Any], names: tuple[str, ...]) -> int:
    """A server's word for it; 0 where it says more than any answer can take: budgets and sums are made of these."""
    found = (number(told[name]) for name in names if name in told)
    return int(next((count for count in found if count and 0 < count <= MOST_TOKENS), 0))


def _cost(value: Any) -> float | None:
    found = number(value.get("total_cost") if isinstance(value, dict) else value)
    return found if found is not None and 0 <= found <= MOST_COST else None
