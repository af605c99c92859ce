"""What the REST door of chat takes and gives."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Schema
from pydantic import AfterValidator, ConfigDict

from accounts.texts import is_blank, is_clean


def _refuse_unclean(value: str) -> str:
    if not is_clean(value):
        raise ValueError("holds a NUL character or half a surrogate pair, which cannot be stored")
    return value


def _refuse_unseen(value: str) -> str:
    if is_blank(value):
        raise ValueError("holds nothing that can be seen")
    return value


Text = Annotated[str, AfterValidator(_refuse_unclean)]


class Given(Schema):
    """What a client sends. A member that nobody knows is refused: ignored in silence, it would seem to have been used."""

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
    """What to change; what is left out stays."""

    title: Annotated[Text, AfterValidator(_refuse_unseen)] | None = Field(None, min_length=1, max_length=200)
    model: Text | None = Field(None, max_length=200)


class MessageOut(Schema):
    """A message of the tree; `parent_id` is the one it answers or follows."""

    id: UUID
    parent_id: UUID | None
    role: str
    text: str
    reasoning: str
    model: str
    created_at: datetime


class RunIn(Given):
    """A question without a socket. A repeated `request_id` gives the run that it made the first time."""

    text: Text
    conversation_id: UUID | None = None
    model: Text | None = Field(None, max_length=200)
    strategy: Text | None = None
    tools: list[Text] = []
    data_sources: list[Text] = []
    attachments: list[Text] = []
    parameters: dict[str, Any] = {}
    request_id: Text | None = Field(None, max_length=200)


class ContinueIn(Given):
    """By which model an answer goes on; without one by the model that began it."""

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
    status: str
    finish_reason: str
    error: dict[str, Any] | None
    usage: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class ModelOut(Schema):
    """A model that may be asked."""

    name: str
    provider: str
    model: str


class ConfigOut(Schema):
    """What a client needs to know at its start."""

    app_name: str
    models: list[ModelOut]
    limits: dict[str, int]
