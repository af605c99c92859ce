"""Thoughts that an OpenAI-compatible server wants back in the next request. Pure."""

from typing import Any

from chat.providers.base import ProviderEvent, ReasoningData
from chat.providers.reading.chunks import Delta

MOST_DETAILS = 1_000
_GROWING = ("text", "summary")  # members that come in pieces


class WantedBack:
    """Collects it from the deltas of one answer: OpenRouter's details whole and in order, and which member had the thoughts."""

    def __init__(self) -> None:
        self._details: list[dict[str, Any]] = []
        self._has_field = False

    def read(self, delta: Delta) -> None:
        """Take a delta."""
        self._has_field = self._has_field or bool(delta.reasoning_content)
        if isinstance(delta.reasoning_details, list):
            for detail in delta.reasoning_details:
                if isinstance(detail, dict):
                    self._take(detail)

    def events(self) -> list[ProviderEvent]:
        """Return what is to be kept with the thoughts, at the end of the answer."""
        if self._details:
            return [ReasoningData({"reasoning_details": self._details})]
        return [ReasoningData({"field": "reasoning_content"})] if self._has_field else []

    def _take(self, detail: dict[str, Any]) -> None:
        last = self._details[-1] if self._details else {}
        if last and all(detail.get(key) == last.get(key) for key in ("type", "index", "format")):
            for key, value in detail.items():
                grows = key in _GROWING and isinstance(value, str) and isinstance(last.get(key), str)
                last[key] = last[key] + value if grows else value
        elif len(self._details) < MOST_DETAILS:
            self._details.append(dict(detail))
