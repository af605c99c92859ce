"""Interface of every provider: a question in, a stream of typed events out, and a small tree of errors.

ProviderError
├── Unreachable      no server answers at the address
├── Unauthorised     the key is missing or refused
├── RateLimited      too many requests; says when to come back
├── Overloaded       the provider's own failure (5xx)
├── Refused          the request itself was turned down (too long, filtered)
│   ├── NoSuchModel  the provider does not have the model
│   ├── NoCredit     the account has nothing left
│   └── NotTaken     for a part of it, without which it may be asked again
│       ├── NoSystemRole   its system message
│       └── NoTools        its tools
├── HeldBack         the model is known to be down: it was not asked
├── Stalled          no bytes within the time limit
├── Broken           the stream was cut, or what came is not a valid stream
└── NoAnswer         the stream came to its end, and there was no answer in it
"""

import hashlib
from collections.abc import AsyncGenerator
from typing import Any, ClassVar, Literal, Protocol

import msgspec

from chat import parts
from chat.events import Failure, Usage
from chat.parts import AnyPart, Image, Origin, Text, ToolCall, ToolResult
from chat.providers.parameters import Form, Parameters

IMAGE_BYTES = 4_000  # of text that take about as many tokens as an image

FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "refusal"]


class ModelConfig(msgspec.Struct, frozen=True):
    """One model of the catalogue. `name` is what people see and clients send; `model` is what the provider calls it."""

    name: str
    provider: str
    model: str
    base_url: str = ""
    api_key: str = ""
    headers: dict[str, str] = {}
    system_role: bool = True  # whether it takes a system message
    tools: bool = True  # whether it takes tools; else they are described to it in words
    is_demonstration: bool = False  # tiny and often wrong: people are told, and it gets no tools
    context_window: int | None = None  # tokens, as operators set it
    max_output: int | None = None  # tokens of one answer, as operators set it
    members: tuple["ModelConfig", ...] = ()  # of an alias, in the order in which they are asked
    patience: float = 0.0  # of an alias: the seconds that a member may take to its first word

    def __repr__(self) -> str:
        return f"ModelConfig({self.name!r}, {self.provider!r}, {self.model!r})"  # never the key

    @property
    def is_alias(self) -> bool:
        """True if it is an alias, for which one of its members answers."""
        return bool(self.members)

    @property
    def origin(self) -> Origin:
        """Names what this model makes: a provider takes its own data back under the same credential alone."""
        credential = hashlib.sha256(f"{self.base_url}\0{self.api_key}".encode()).hexdigest()[:16]
        return Origin(self.provider, self.model, credential)


class Turn(msgspec.Struct, frozen=True):
    """One message of the request. The results of an assistant's calls are among its parts."""

    role: Literal["system", "user", "assistant"]
    parts: tuple[AnyPart, ...]

    @classmethod
    def said(cls, role: Literal["system", "user", "assistant"], text: str) -> "Turn":
        """A turn of words alone."""
        return cls(role, (Text(text),))

    @property
    def text(self) -> str:
        """The words of it."""
        return parts.text_of(self.parts)

    @property
    def size(self) -> int:
        """About the bytes that a model reads of it."""
        calls = sum(len(part.name) + len(part.arguments) for part in parts.of_kind(ToolCall, self.parts))
        results = sum(len(part.text.encode(errors="replace")) for part in parts.of_kind(ToolResult, self.parts))
        images = IMAGE_BYTES * len(parts.of_kind(Image, self.parts))
        return len(self.text.encode(errors="replace")) + calls + results + images


class ToolSpec(msgspec.Struct, frozen=True):
    """A tool as a model is told of it; `parameters` is a JSON Schema of an object."""

    name: str
    description: str
    parameters: dict[str, Any]
    example: tuple[str, dict[str, Any]] | None = None  # a question, and the arguments that answer it
    strict: bool | None = None  # True: the provider shall hold the model to the schema, if it can


class Request(msgspec.Struct, frozen=True):
    """Request to a model."""

    model: ModelConfig
    turns: list[Turn]
    parameters: Parameters = Parameters()
    tools: tuple[ToolSpec, ...] = ()
    form: Form = Form()
    may_be_blank: bool = False  # True: an answer without anything visible is not a failure
    first_token_seconds: float = 60.0
    between_tokens_seconds: float = 30.0
    connect_seconds: float = 10.0


class TextDelta(msgspec.Struct, frozen=True):
    """More of the answer."""

    text: str


class ReasoningDelta(msgspec.Struct, frozen=True):
    """More of what the model thinks before it answers."""

    text: str


class ReasoningData(msgspec.Struct, frozen=True):
    """Data that the provider wants back with the thoughts that came last; redacted thoughts consist of nothing else."""

    data: dict[str, Any]
    redacted: bool = False


class ToolCallDelta(msgspec.Struct, frozen=True):
    """A piece of a tool call; pieces with one `index` belong together, and `arguments` pieces are joined to JSON."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""
    data: dict[str, Any] | None = None  # what the provider wants back with it
    mended: tuple[str, ...] = ()  # what was made right while it was read, in words


class CallsInText(msgspec.Struct, frozen=True):
    """The model was told of its tools in words: the calls it makes stand in the text that follows."""


class Counted(msgspec.Struct, frozen=True):
    """The provider's count so far. It holds also when no end follows."""

    usage: Usage


class Finished(msgspec.Struct, frozen=True):
    """The stream's proper end. A stream without it was cut."""

    reason: FinishReason
    usage: Usage


class AnsweredBy(msgspec.Struct, frozen=True):
    """The member that answers for an alias; the events that follow are its answer."""

    model: ModelConfig


ProviderEvent = AnsweredBy | TextDelta | ReasoningDelta | ReasoningData | ToolCallDelta | CallsInText | Counted | Finished


class Provider(Protocol):
    """Something that can be asked."""

    def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        """The answer as it comes, ended by one `Finished`. Raises ProviderError.

        Closing the generator closes the connection to the provider at once; whoever reads it does so in `aclosing`.
        """
        ...


class ProviderError(Exception):
    """Reason why no answer came, in words fit for a person. Never holds a key or a raw body.

    `quoted` is what the provider says of it, which may repeat the question: it is for who asked. `plain` is without it.
    """

    code: ClassVar[str] = "provider_error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, quoted: str = "", retry_after: float | None = None) -> None:
        super().__init__(f"{message}{quoted}")
        self.plain, self.retry_after = message, retry_after

    def as_failure(self) -> Failure:
        """The error as a frame carries it."""
        return Failure(code=self.code, message=str(self), retryable=self.retryable, retry_after=self.retry_after)


class Unreachable(ProviderError):
    """No server answers at the address."""

    code = "model_unreachable"
    retryable = True


class Unauthorised(ProviderError):
    """The key is missing or refused."""

    code = "model_unauthorised"


class RateLimited(ProviderError):
    """Too many requests."""

    code = "model_rate_limited"
    retryable = True


class Overloaded(ProviderError):
    """The provider failed by its own account."""

    code = "model_overloaded"
    retryable = True


class Refused(ProviderError):
    """The provider turned the request down; asking again gives the same."""

    code = "model_refused"


class NoSuchModel(Refused):
    """The provider does not have the model, or its URL is wrong."""


class NoCredit(Refused):
    """The account at the provider has nothing left."""


class HeldBack(ProviderError):
    """The model is known to be down, and it is not yet time to try it again."""

    code = "model_down"
    retryable = True


class NotTaken(Refused):
    """Perhaps the model does not take a part of the request. `otherwise` is what the failure was, if that was not the cause."""

    def __init__(self, otherwise: ProviderError) -> None:
        super().__init__(str(otherwise), retry_after=otherwise.retry_after)
        self.otherwise = otherwise


class NoSystemRole(NotTaken):
    """Perhaps the model takes no system message."""


class NoTools(NotTaken):
    """Perhaps the model takes no tools."""


class Stalled(ProviderError):
    """No bytes came within the time limit."""

    code = "model_stalled"
    retryable = True


class Broken(ProviderError):
    """The stream was cut or is not valid."""

    code = "model_stream_broken"
    retryable = True


class NoAnswer(ProviderError):
    """The model ended properly and had said nothing."""

    code = "model_gave_no_answer"
    retryable = True
