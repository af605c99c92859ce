"""Reads the events of an OpenAI-compatible stream. Pure: bytes of a line in, provider events out.

Servers differ; what is read here is the union: `reasoning_content` (DeepSeek, vLLM, llama.cpp) and `reasoning` (OpenRouter,
Groq, Ollama), content in parts (Mistral), errors as an `error:` line (llama.cpp), an `error` member, or a bare JSON object.
"""

import json
from typing import Any

import msgspec

from chat.events import Usage
from chat.providers import known, problems
from chat.providers.base import (
    Broken,
    Finished,
    FinishReason,
    ModelConfig,
    ProviderError,
    ProviderEvent,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
)


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class _ToolCall(msgspec.Struct):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Delta(msgspec.Struct):
    content: str | list[Any] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: float | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Any = None


_decode = msgspec.json.Decoder(_Chunk).decode
MOST_TOKENS = 100_000_000
MOST_COST = 100_000.0
_REASONS: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


class Answer:
    """One answer as it is read. `ended` turns true with the stream's end mark."""

    def __init__(self, model: ModelConfig) -> None:
        self.ended = False
        self.usage = Usage()
        self._model = model
        self._reason: str | None = None
        self._called = False

    @property
    def is_whole(self) -> bool:
        """Whether the server has said that the answer is complete."""
        return self.ended or self._reason is not None

    def read(self, line: bytes) -> list[ProviderEvent]:
        """The events of a line without its line feed. Raises ProviderError for an error event and for garbage."""
        if line.startswith(b"data:"):
            payload = line[5:].strip()
        elif line.startswith((b"{", b"error:")):
            payload = line.removeprefix(b"error:").strip()
        elif not line.strip() or line.startswith((b":", b"event:", b"id:", b"retry:")):
            return []
        else:
            raise self._garbage()
        if payload == b"[DONE]":
            self.ended = True
        return [] if self.ended or not payload else self._chunk(payload, failing=line.startswith(b"error:"))

    def _chunk(self, payload: bytes, *, failing: bool) -> list[ProviderEvent]:
        try:
            chunk = _decoded(payload)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise self._garbage() from error
        if failing or chunk.error is not None:
            raise self._failure(chunk.error, payload)
        if chunk.usage is not None:
            self._count(chunk.usage)
        if not chunk.choices:
            return []
        choice = chunk.choices[0]
        self._reason = choice.finish_reason or self._reason
        return self._events(choice.delta) if choice.delta else []

    def _events(self, delta: _Delta) -> list[ProviderEvent]:
        events: list[ProviderEvent] = []
        thought = delta.reasoning_content or delta.reasoning
        if thought:
            events.append(ReasoningDelta(thought))
        if delta.content:
            events.extend([TextDelta(delta.content)] if isinstance(delta.content, str) else _parts(delta.content))
        for position, call in enumerate(delta.tool_calls or ()):
            self._called = True
            events.append(_tool_call(call, position))
        return events

    def _count(self, usage: _Usage) -> None:
        cost = usage.cost if usage.cost is not None and 0 <= usage.cost <= MOST_COST else None  # neither NaN nor infinite
        self.usage = Usage(_tokens(usage.prompt_tokens), _tokens(usage.completion_tokens), cost)

    def finished(self) -> Finished:
        """The end of the answer. Raises Broken where the stream ended without saying so."""
        if not self.is_whole:
            raise Broken(f"The connection to {known.label(self._model.provider)} ended in the middle of the answer.")
        reason = _REASONS.get(self._reason or "", "stop")
        # Several servers say "stop" after tool calls.
        return Finished("tool_calls" if self._called and reason == "stop" else reason, self.usage)

    def _garbage(self) -> Broken:
        return Broken(f"{known.subject(self._model.provider)} sent something that is no valid answer.")

    def _failure(self, error: Any, payload: bytes) -> ProviderError:
        code = error.get("code") if isinstance(error, dict) else None
        return problems.of_event(self._model, body=payload.decode(errors="replace"), code=code)


def _decoded(payload: bytes) -> _Chunk:
    """The chunk; a server that cuts texts between the halves of a surrogate pair sends what only the second way reads."""
    try:
        return _decode(payload)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if b"\\u" not in payload:
            raise
        return msgspec.convert(json.loads(payload), _Chunk)


def _tokens(counted: int | None) -> int:
    """A server's word for it, within what any answer can take: budgets and sums are made of these."""
    return min(max(counted or 0, 0), MOST_TOKENS)


def _tool_call(call: _ToolCall, position: int) -> ToolCallDelta:
    function = call.function or _Function()
    arguments = function.arguments or ""
    if isinstance(arguments, dict):
        arguments = msgspec.json.encode(arguments).decode()
    return ToolCallDelta(position if call.index is None else call.index, call.id, function.name, arguments)


def _parts(parts: list[Any]) -> list[ProviderEvent]:
    """Content in typed parts: text, and thinking that holds text parts of its own."""
    events: list[ProviderEvent] = []
    for part in parts:
        match part:
            case {"text": str(text)}:
                events.append(TextDelta(text))
            case {"thinking": list(thoughts)}:
                events.extend(ReasoningDelta(thought.text) for thought in _parts(thoughts) if isinstance(thought, TextDelta))
    return events
