"""Schemas of what the REST door of chat takes and gives."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import AfterValidator, ConfigDict

from accounts.storage.texts import is_blank, is_clean, is_clean_json
from chat import parts
from chat.models import Message


def _refuse_unclean(value: str) -> str:
    if not is_clean(value):
        raise ValueError("holds a NUL character or half a surrogate pair, which cannot be stored")
    return value


def _refuse_unclean_json(value: dict[str, Any]) -> dict[str, Any]:
    if not is_clean_json(value):
        raise ValueError("holds text or a number that cannot be stored")
    return value


def _refuse_unseen(value: str) -> str:
    if is_blank(value):
        raise ValueError("holds nothing that can be seen")
    return value


Text = Annotated[str, AfterValidator(_refuse_unclean)]


class Given(Schema):
    """Input of a client. An unknown member is refused: silently ignored, it would seem to have been used."""

    model_config = ConfigDict(extra="forbid")


class ConversationOut(Schema):
    """A conversation without its messages."""

    id: UUID
    title: str
    model: str
    created_at: datetime
    updated_at: datetime


class ConversationIn(Given):
    """A conversation to be made."""

    title: Text = Field("", max_length=200)
    model: Text = Field("", max_length=200)


class ConversationPatch(Given):
    """Changes to a conversation; what is left out stays."""

    title: Annotated[Text, AfterValidator(_refuse_unseen)] | None = Field(None, min_length=1, max_length=200)
    model: Text | None = Field(None, max_length=200)


class MessageOut(Schema):
    """A message of the tree; `parent_id` is the one it answers or follows. Text and reasoning are derived from its parts."""

    id: UUID
    parent_id: UUID | None
    role: str
    text: str
    reasoning: str
    parts: list[dict[str, Any]]
    model: str
    created_at: datetime

    @staticmethod
    def resolve_parts(message: Message) -> list[dict[str, Any]]:
        """The parts without what is meant for their provider alone."""
        return parts.public(message.parts)


class RunIn(Given):
    """A question without a socket. A repeated `request_id` gives the run that it made the first time."""

    text: Text
    conversation_id: UUID | None = None
    model: Text | None = Field(None, max_length=200)
    strategy: Text | None = None
    tools: list[Text] | None = Field(None, max_length=200, description="Names; without them all that one may use.")
    data_sources: list[Text] = []
    attachments: list[Text] = []
    parameters: Annotated[dict[str, Any], AfterValidator(_refuse_unclean_json)] = {}
    request_id: Text | None = Field(None, max_length=200)


class DecisionIn(Given):
    """Decision about a tool call."""

    decision: Literal["once", "always", "deny"]
    arguments: dict[str, Any] | None = Field(None, description="Edited arguments, in place of those that the model sent.")
    words: Text = Field("", max_length=2_000, description="Reason of a denial, for the model.")
    everywhere: bool = Field(False, description='Lets "always" hold in every chat, not in this one alone.')


class UseIn(Given):
    """A use of a tool's component."""

    event: Text = Field(max_length=200)
    value: Annotated[Any, AfterValidator(_refuse_unclean_json)] = None


class ContinueIn(Given):
    """Model that continues an answer; by default the one that began it."""

    model: Text | None = Field(None, max_length=200)


class StartedOut(Schema):
    """A run that is stored and will be answered."""

    run_id: UUID
    conversation_id: UUID
    message_id: UUID
    model: str


class RunOut(Schema):
    """The state of a run."""

    id: UUID
    conversation_id: UUID
    message_id: UUID = Field(alias="answer_id")
    model: str
    answered_by: str = Field(description="The model that answers for an alias; empty if the run asks a model directly.")
    passed_over: list[dict[str, str]] | None = Field(
        description="Members of the alias that were passed over, each with the `reason`."
    )
    status: str
    finish_reason: str
    error: dict[str, Any] | None
    usage: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class ModelOut(Schema):
    """A model that may be used. Any state but `well` and `untried` means that it is down."""

    name: str
    provider: str
    model: str
    state: Literal[
        "untried", "well", "unreachable", "unauthorised", "busy", "overloaded", "silent", "unknown_model", "no_credit"
    ] = Field("untried", description="Its health after the latest requests to it.")
    reason: str = Field("", description="The trouble with it, in a sentence.")
    members: list[str] = Field([], description="The members of an alias, in the order in which they are asked.")


class IdentificationOut(Schema):
    """Names of a model, and the members of an alias."""

    name: str
    provider: str
    model: str
    family: str | None
    parameter_count: str | None
    quantization: str | None
    members: list[str]


class CapabilitiesOut(Schema):
    """Abilities of a model, lengths in tokens; null where nothing is known."""

    context_window: int | None
    max_output: int | None
    images: bool | None
    audio: bool | None
    documents: bool | None
    tools: Literal["native", "in words", "none"]
    reasoning: bool | None
    structured_output: bool | None


class InferenceOut(Schema):
    """Settings that a question may choose (`parameters`), and the server's defaults as far as it tells them."""

    settable: list[str]
    defaults: dict[str, float]
    takes_system_message: bool


class TokenizerOut(Schema):
    """A model's tokenizer, and Galaxy's estimate before anyone has counted."""

    name: str | None
    vocabulary: int | None
    bytes_a_token: int


class RuntimeOut(Schema):
    """Place of a model, and how it is called; prices in US dollars per million tokens."""

    place: Literal["this machine", "this network", "a provider"]
    server: str
    wire: Literal["openai", "litellm"]
    slots: int | None
    prompt_price: float | None
    answer_price: float | None
    state: str


class ModelContextOut(Schema):
    """Everything known about a model. `sources` gives the source of values by path; those without one are Galaxy's own."""

    identification: IdentificationOut
    capabilities: CapabilitiesOut
    inference: InferenceOut
    tokenizer: TokenizerOut
    runtime: RuntimeOut
    sources: dict[str, Literal["operator", "server", "table", "galaxy"]]


class ConfigOut(Schema):
    """Settings that a client needs at its start."""

    app_name: str
    models: list[ModelOut]
    limits: dict[str, int]
