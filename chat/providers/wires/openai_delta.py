"""Reads the events of an OpenAI-compatible stream. Pure: lines in, provider events out.

Servers differ; what is read here is the union: `reasoning_content` (DeepSeek, vLLM, llama.cpp) and `reasoning` (OpenRouter,
Groq, Ollama), content in parts (Mistral), a whole answer in one piece, and failures as an `error:` line (llama.cpp), an event
named error, a member, or a JSON object of their own. Two rules: a member that is odd never breaks an answer whose text is
whole, and what comes after the end takes nothing back.
"""

import logging
from typing import Any

import msgspec

from chat.events import Usage
from chat.providers import error_mapping
from chat.providers.base import (
    Broken,
    Counted,
    Finished,
    ModelConfig,
    ProviderEvent,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
)
from chat.providers.known import registry
from chat.providers.reading import reasons
from chat.providers.reading.chunks import Choice, Chunk, Delta, NotJSONError, ToolCall, delta_of
from chat.providers.reading.counting import counted
from chat.providers.reading.events import DONE, Event, Events
from chat.providers.reading.wanted_back import WantedBack

logger = logging.getLogger(__name__)


NO_CHOICE = Choice()


class Answer:
    """One answer as it is read. `ended` turns true with the stream's end mark."""

    def __init__(self, model: ModelConfig) -> None:
        self.ended = False
        self.usage = Usage()
        self._model = model
        self._events = Events()
        self._reason = ""
        self._called = self._refused = False
        self._wanted = WantedBack()

    @property
    def is_whole(self) -> bool:
        """True if the server has said that the answer is complete."""
        return self.ended or bool(self._reason)

    @property
    def is_counted(self) -> bool:
        """Tell whether the server has said what the answer took."""
        return bool(self.usage.completion_tokens)

    def read(self, line: bytes) -> list[ProviderEvent]:
        """The events of a line without its line feed. Raises ProviderError for a failure and for garbage."""
        try:
            return self._read(self._events.read(line))
        except NotJSONError as error:
            return self._garbage(line, error)

    def close(self) -> list[ProviderEvent]:
        """The events of what was held back for more to come. Raises ProviderError."""
        try:
            return [*self._read(self._events.rest()), *self._wanted.events()]
        except NotJSONError as error:
            return [*self._garbage(b"half an event", error), *self._wanted.events()]

    def finished(self) -> Finished:
        """The end of the answer. Raises Broken where the stream ended without saying so, or for no good reason."""
        if not self.is_whole:
            raise Broken(f"The connection to {registry.label(self._model.provider)} ended in the middle of the answer.")
        reason = reasons.known(self._reason or "stop")
        if reason is None:
            raise error_mapping.of_reason(self._model, self._reason)
        if reason == "stop":  # what several servers say after tool calls, and after a refusal
            reason = "tool_calls" if self._called else "refusal" if self._refused else reason
        return Finished(reason, self.usage)

    def _read(self, event: Event | None) -> list[ProviderEvent]:
        if event is None or self.ended:
            return []
        chunk = event.chunk
        if event.fails or (chunk and _tells_of_failure(chunk)):
            return self._failure(event)
        if chunk is None:
            return self._end_mark(event.payload)
        choice = _choice(chunk.choices) if chunk.choices else NO_CHOICE
        said = self._said(chunk, choice)
        if choice.finish_reason:
            self._reason = reasons.said_in(choice.finish_reason) or self._reason
        if told := chunk.usage or choice.usage or (chunk.done and _of_ollama(chunk)):
            said += self._counts(told)
        return said

    def _end_mark(self, payload: bytes) -> list[ProviderEvent]:
        if payload == DONE:
            self.ended = True
        elif not payload.startswith(b":"):  # a comment that a proxy has wrapped
            self._note(payload)
        return []

    def _said(self, chunk: Chunk, choice: Choice) -> list[ProviderEvent]:
        """The words of the chunk: a piece of the answer, or all of it at once."""
        if choice.delta is not None:
            return self._events_of(choice.delta)
        whole = choice.message or _message(chunk)
        if whole is None:
            return _text(choice.text)
        if chunk.done is None or chunk.done:
            self._reason = self._reason or reasons.said_in(chunk.done_reason) or "stop"
        return self._events_of(whole)

    def _events_of(self, delta: Delta) -> list[ProviderEvent]:
        events: list[ProviderEvent] = []
        self._wanted.read(delta)
        thought = delta.reasoning_content or delta.reasoning
        if thought:
            events += [ReasoningDelta(event.text) for event in _text(thought) if isinstance(event, TextDelta)]
        if delta.content and delta.content != thought:
            events += _text(delta.content)
        if refusal := delta.refusal:
            said = _text(refusal)
            self._refused = self._refused or bool(said)
            events += said
        for position, call in enumerate(delta.tool_calls or ()):
            self._called = True
            events.append(_tool_call(call, position))
        return events

    def _counts(self, told: Any) -> list[ProviderEvent]:
        usage = counted(self.usage, told)
        if usage == self.usage:
            return []
        self.usage = usage
        return [Counted(usage)]

    def _garbage(self, line: bytes, error: NotJSONError) -> list[ProviderEvent]:
        self._note(line)
        if self.is_whole:
            return []
        raise Broken(f"{registry.subject(self._model.provider)} sent something that is not a valid answer.") from error

    def _failure(self, event: Event) -> list[ProviderEvent]:
        """Raises the failure, unless the answer has come to a good end before."""
        if reasons.known(self._reason):
            self._note(event.payload)
            return []
        chunk = event.chunk or Chunk()
        code = (chunk.error.get("code") if isinstance(chunk.error, dict) else None) or chunk.code
        raise error_mapping.of_event(self._model, body=event.payload.decode(errors="replace"), code=code)

    def _note(self, what: bytes) -> None:
        text = error_mapping.scrubbed(what.decode(errors="replace"), self._model)
        logger.warning("%s sent something that does not belong to an answer: %s", registry.subject(self._model.provider), text)


def _choice(choices: list[Choice]) -> Choice:
    """Return the one that was asked for, of servers that send several in any order."""
    return next((one for one in choices if not one.index), choices[0])


def _tells_of_failure(chunk: Chunk) -> bool:
    if chunk.error or chunk.object == "error":
        return True
    if chunk.choices is not None:
        return False
    told = chunk.errors or chunk.detail or chunk.msg or isinstance(chunk.message, str)
    return not chunk.usage and bool(told)


def _of_ollama(chunk: Chunk) -> Any:
    return {"prompt_tokens": chunk.prompt_eval_count, "completion_tokens": chunk.eval_count}


def _message(chunk: Chunk) -> Delta | None:
    """The message of Ollama's own wire."""
    message = delta_of(chunk.message) if isinstance(chunk.message, dict) else None
    if message is not None:
        message.reasoning = chunk.message.get("thinking")
    return message


def _tool_call(call: ToolCall, position: int) -> ToolCallDelta:
    name, arguments = call.function.get("name"), call.function.get("arguments") or ""
    if not isinstance(arguments, str):
        arguments = msgspec.json.encode(arguments).decode()
    data = {"extra_content": call.extra_content} if isinstance(call.extra_content, dict) else None
    index = position if call.index is None else call.index
    return ToolCallDelta(index, call.id, name if isinstance(name, str) else None, arguments, data)


def _text(content: Any) -> list[ProviderEvent]:
    """Content as a text or in typed parts: text, and thinking that holds text parts of its own."""
    if isinstance(content, str):
        return [TextDelta(content)] if content else []
    match content:
        case list(parts):
            return [event for part in parts for event in _text(part)]
        case {"text": str() | list() as inner} | {"content": str() | list() as inner}:
            return _text(inner)
        case {"refusal": str(text)}:
            return _text(text)
        case {"thinking": str() | list() as inner}:
            return [ReasoningDelta(event.text) for event in _text(inner) if isinstance(event, TextDelta)]
        case _:
            return []
