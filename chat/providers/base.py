"""What every provider is: a question in, a stream of typed events out, and a small tree of errors.

ProviderError
├── Unreachable      nobody answers at the address
├── Unauthorised     the key is missing or refused
├── RateLimited      too many requests; says when to come back
├── Overloaded       the provider's own failure (5xx)
├── Refused          the request itself was turned down (unknown model, too long, filtered)
│   └── NoSystemRole   for its system message
├── Stalled          no bytes within the time limit
├── Broken           the stream was cut, or what came is no valid stream
└── NoAnswer         the stream came to its end, and there was no answer in it
"""

from collections.abc import AsyncGenerator
from typing import ClassVar, Literal, Protocol

import msgspec

from chat.events import Failure, Usage
from chat.parameters import Parameters

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

    def __repr__(self) -> str:
        return f"ModelConfig({self.name!r}, {self.provider!r}, {self.model!r})"  # never the key


class Turn(msgspec.Struct, frozen=True):
    """One message of the request."""

    role: Literal["system", "user", "assistant"]
    content: str


class Request(msgspec.Struct, frozen=True):
    """What a model is asked."""

    model: ModelConfig
    turns: list[Turn]
    parameters: Parameters = Parameters()
    first_token_seconds: float = 60.0
    between_tokens_seconds: float = 30.0


class TextDelta(msgspec.Struct, frozen=True):
    """More of the answer."""

    text: str


class ReasoningDelta(msgspec.Struct, frozen=True):
    """More of what the model thinks before it answers."""

    text: str


class ToolCallDelta(msgspec.Struct, frozen=True):
    """A piece of a tool call; pieces with one `index` belong together, and `arguments` pieces are joined to JSON."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""


class Counted(msgspec.Struct, frozen=True):
    """The provider's count so far. It holds also when no end follows."""

    usage: Usage


class Finished(msgspec.Struct, frozen=True):
    """The stream's proper end. A stream without it was cut."""

    reason: FinishReason
    usage: Usage


ProviderEvent = TextDelta | ReasoningDelta | ToolCallDelta | Counted | Finished


class Provider(Protocol):
    """Something that can be asked."""

    def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        """The answer as it comes, ended by one `Finished`. Raises ProviderError.

        Closing the generator closes the connection to the provider at once; whoever reads it does so in `aclosing`.
        """
        ...


class ProviderError(Exception):
    """Why no answer came, in words fit for a person. Never holds a key or a raw body."""

    code: ClassVar[str] = "provider_error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after

    def as_failure(self) -> Failure:
        """The error as a frame carries it."""
        return Failure(code=self.code, message=str(self), retryable=self.retryable, retry_after=self.retry_after)


class Unreachable(ProviderError):
    """Nobody answers at the address."""

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


class NoSystemRole(Refused):
    """Perhaps the model takes no system message. `otherwise` is what the failure was, if that was not the cause."""

    def __init__(self, otherwise: ProviderError) -> None:
        super().__init__(str(otherwise), retry_after=otherwise.retry_after)
        self.otherwise = otherwise


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
