"""Every provider that is not OpenAI-compatible, through LiteLLM's `acompletion(stream=True)`.

Importing this module imports LiteLLM: seconds, and some 200 MB. Only `routing` does it, when such a model is asked for.
"""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Iterator
from typing import Any

# Read while LiteLLM is imported: without it the import fetches a price list from the internet.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import aiohttp
import httpx
import litellm
import openai
from litellm.exceptions import ContextWindowExceededError
from litellm.llms.base_llm.chat.transformation import BaseLLMException

from chat.events import Usage
from chat.providers import error_mapping, sessions
from chat.providers.base import (
    Broken,
    Counted,
    Finished,
    ModelConfig,
    NoTools,
    ProviderError,
    ProviderEvent,
    ReasoningData,
    ReasoningDelta,
    Refused,
    Request,
    Stalled,
    TextDelta,
    ToolCallDelta,
    Unreachable,
)
from chat.providers.known import prices, registry
from chat.providers.reading import reasons
from chat.providers.reading.counting import counted
from chat.providers.reading.numbers import number
from chat.providers.wires import messages

litellm.telemetry = False
litellm.suppress_debug_info = True
litellm.turn_off_message_logging = True
litellm.disable_streaming_logging = True
litellm.drop_params = True
litellm.callbacks = []
# Its own records quote requests and answers; what is worth a line is logged by `problems`, scrubbed.
logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)

FAILURES = (openai.OpenAIError, BaseLLMException, httpx.HTTPError, aiohttp.ClientError, OSError, ValueError)
COUNT_SECONDS = 3.0  # for a provider to send its count after the last word
MODEL_FAILED = 424  # Bedrock's error while the model writes; not the request's fault
BEDROCK_WAYS = ("converse/", "converse_like/", "invoke/", "agent/", "agentcore/", "mantle/", "openai/")
_NOBODY = (httpx.ConnectError, httpx.ConnectTimeout, aiohttp.ClientConnectorError, ConnectionRefusedError)
_CONNECTION = (openai.APIConnectionError, httpx.TransportError, aiohttp.ClientError, OSError)


class LiteLLMStream:
    """A Provider. One instance serves all models."""

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        """See `base.Provider`."""
        answer = _Answer(request)
        try:
            await answer.open()
            while not answer.ended and (chunk := await answer.next()) is not None:
                for event in answer.read(chunk):
                    yield event
            yield Counted(answer.usage)
            yield prices.priced(answer.finished(), request.model)
        finally:
            await answer.close()


class _Answer:
    """One answer as LiteLLM reads it."""

    def __init__(self, request: Request) -> None:
        self._request, self._model = request, request.model
        self._stream: Any = None
        self._started = False
        self._is_said = False  # complete, perhaps except for its count
        self.ended = False
        self.usage = Usage()
        self._reason = "stop"

    async def open(self) -> None:
        limit = self._request.first_token_seconds
        sessions.spare_local(self._model.base_url)
        arguments = _arguments(self._request)
        if "tools" in arguments and not _takes_tools(self._model):
            raise NoTools(Refused(f"{registry.subject(self._model.provider)} takes no tools for “{self._model.name}”."))
        try:
            async with asyncio.timeout(limit):
                self._stream = await litellm.acompletion(**arguments)
        except TimeoutError as error:
            raise self._late() from error
        except FAILURES as error:
            raise self._translated(error) from error

    async def next(self) -> Any | None:
        """The next chunk; None at the end."""
        limit = self._request.between_tokens_seconds if self._started else self._request.first_token_seconds
        limit = min(limit, COUNT_SECONDS) if self._is_said else limit
        try:
            async with asyncio.timeout(limit):
                return await anext(self._stream, None)
        except TimeoutError as error:
            failure: ProviderError = self._late()
            failure.__cause__ = error
        except FAILURES as error:
            failure = self._translated(error)
            failure.__cause__ = error
        if self._is_said:
            return None  # only its count is missing
        raise failure

    def read(self, chunk: Any) -> list[ProviderEvent]:
        """The events of a chunk. LiteLLM sets a delta's optional members only where they hold something."""
        if self._is_said:
            self._count(getattr(chunk, "usage", None))
            return []
        if not chunk.choices:
            return []
        choice = chunk.choices[0]
        if choice.finish_reason:
            self._reason, self._is_said = reasons.said_in(choice.finish_reason), True
            self._count(chunk._hidden_params.get("usage"))  # noqa: SLF001 - where LiteLLM documents an answer's cost, too
        events = _events(choice.delta)
        self._started = self._started or bool(events)
        return events

    def _count(self, usage: Any) -> None:
        """Take the count and end: reading another chunk would make LiteLLM build the answer a second time."""
        if usage:
            self.usage, self.ended = counted(self.usage, _told(usage)), True

    def finished(self) -> Finished:
        """The end of the answer. LiteLLM says "stop" also for a stream that was cut: only its own notes tell them apart."""
        if not (self._stream.received_finish_reason or self._stream.intermittent_finish_reason):
            raise Broken(f"The connection to {registry.label(self._model.provider)} ended in the middle of the answer.")
        reason = reasons.known(self._reason)
        if reason is None:
            raise error_mapping.of_reason(self._model, self._reason)
        return Finished(reason, self.usage)

    async def close(self) -> None:
        """Closes the connection to the provider."""
        if self._stream is not None:
            await self._stream.aclose()

    def _late(self) -> Stalled:
        who = registry.subject(self._model.provider)
        if self._started:
            return Stalled(f"{who} stopped in the middle of its answer and sent nothing more.")
        return Stalled(f"{who} accepted the question and then sent nothing.")

    def _translated(self, error: Exception) -> ProviderError:
        who, status = registry.subject(self._model.provider), getattr(error, "status_code", None)
        cause = getattr(error, "original_exception", None) or error
        if isinstance(error, openai.APITimeoutError):
            return self._late()
        if isinstance(error, ContextWindowExceededError):
            return Refused(f"The conversation is too long for “{self._model.name}”.")
        if self._started:
            return _midway(self._model, cause, told=error.__cause__ or error.__context__)
        if any(isinstance(link, _NOBODY) for link in _chain(error)):
            return Unreachable(f"{who} cannot be reached.")
        wait = error_mapping.retry_after(_header(error, "retry-after"))
        return error_mapping.of_status(int(number(status) or 500), self._model, body=str(error), retry_after=wait)


def _arguments(request: Request) -> dict[str, Any]:
    model = request.model
    arguments: dict[str, Any] = {
        **request.parameters.given(),
        "model": _named(model),
        "messages": messages.for_litellm(request),
        **messages.tools_for_litellm(request),
        "stream": True,
        "stream_options": {"include_usage": True},
        # Its own limit, mapped to something vaguer than a timeout, must never be the first to ring.
        "timeout": max(request.first_token_seconds, request.between_tokens_seconds) + 30,
        "num_retries": 0,
        "max_retries": 0,
        "no-log": True,
        # A gateway of its own, which no tool of ours names: asking for it would load seconds' worth of packages.
        "_skip_mcp_handler": True,
    }
    if model.api_key:
        arguments["api_key"] = model.api_key
    if model.base_url:
        arguments["api_base"] = _base(model)
    if model.headers:
        arguments["extra_headers"] = dict(model.headers)
    return arguments


def _named(model: ModelConfig) -> str:
    """Return LiteLLM's name for the model. For Bedrock it names Converse, or inference profiles would not use it."""
    provider = registry.canonical(model.provider)
    way = "converse/" if provider == "bedrock" and not model.model.startswith(BEDROCK_WAYS) else ""
    return f"{provider}/{way}{model.model}"


def _takes_tools(model: ModelConfig) -> bool:
    """Tell whether LiteLLM passes tools on to this model. Of one that takes none it would drop them without a word."""
    provider = registry.canonical(model.provider)
    known = litellm.get_supported_openai_params(model=_named(model).removeprefix(f"{provider}/"), custom_llm_provider=provider)
    return known is None or "tools" in known


def _base(model: ModelConfig) -> str:
    """The address as LiteLLM wants it: for Anthropic it adds `/v1/messages` itself."""
    base = model.base_url.rstrip("/")
    return base.removesuffix("/v1") if registry.canonical(model.provider) == "anthropic" else base


def _events(delta: Any) -> list[ProviderEvent]:
    events: list[ProviderEvent] = []
    if thought := getattr(delta, "reasoning_content", None):
        events.append(ReasoningDelta(thought))
    events.extend(_signed(block) for block in getattr(delta, "thinking_blocks", None) or () if _is_sealed(block))
    if text := getattr(delta, "content", None):
        events.append(TextDelta(text))
    events.extend(map(_call, getattr(delta, "tool_calls", None) or ()))
    return events


def _is_sealed(block: dict[str, Any]) -> bool:
    """Tell whether a block of thinking holds what its provider wants back: of its pieces the last one does."""
    return bool(block.get("signature") or block.get("data"))


def _signed(block: dict[str, Any]) -> ReasoningData:
    if block.get("type") == "redacted_thinking":
        return ReasoningData({"data": block["data"]}, redacted=True)
    return ReasoningData({"signature": block["signature"]})


def _call(call: Any) -> ToolCallDelta:
    fields = getattr(call, "provider_specific_fields", None)  # Gemini's thought signature
    data = {"provider_specific_fields": dict(fields)} if fields else None
    return ToolCallDelta(call.index or 0, call.id, call.function.name, call.function.arguments or "", data)


def _midway(model: ModelConfig, cause: Exception, told: BaseException | None) -> ProviderError:
    """Return the error of an answer that had begun: the wire's, or one that the provider itself reported.

    LiteLLM turns an error event in OpenAI's stream into a connection error; `told` is the original.
    """
    who = registry.label(model.provider)
    if type(told) is openai.APIError or getattr(cause, "status_code", None) == MODEL_FAILED:
        return error_mapping.of_event(model, body=str(cause))
    if isinstance(cause, _CONNECTION) and not isinstance(cause, openai.APIStatusError):
        return Broken(f"The connection to {who} was cut in the middle of the answer.")
    if isinstance(cause, ValueError):
        return Broken(f"{registry.subject(model.provider)} sent something that is not a valid answer.")
    return error_mapping.of_event(model, body=str(cause), code=getattr(cause, "status_code", None))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what it was raised from, and so on down."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _header(error: Exception, name: str) -> str | None:
    response = getattr(error, "response", None)
    headers = getattr(response, "headers", None) or getattr(error, "litellm_response_headers", None) or {}
    value = headers.get(name)
    return str(value) if value else None


def _told(usage: Any) -> dict[str, Any]:
    """Return LiteLLM's count, with its details as a mapping too."""
    told = dict(vars(usage))
    details = told.get("prompt_tokens_details")
    return told | {"prompt_tokens_details": vars(details)} if hasattr(details, "__dict__") else told
