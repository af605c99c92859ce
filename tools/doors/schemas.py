"""Schemas of what the REST door of tools takes and gives."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Schema

from tools.models import ToolCall


class ToolOut(Schema):
    """A tool that one may use."""

    name: str
    title: str
    description: str
    category: str
    risk: str
    is_long: bool
    input_schema: dict[str, Any]
    output_schema: dict[str, Any] | None


class CallIn(Schema):
    """A call."""

    tool: str = Field(max_length=63)
    arguments: dict[str, Any] = {}
    conversation_id: UUID | None = None


class CallOut(Schema):
    """A call and what came of it."""

    id: str
    tool: str
    state: str
    via: str
    risk: str
    arguments: dict[str, Any]
    reason: str
    result: dict[str, Any] | None
    error: str
    is_cached: bool
    milliseconds: float | None
    conversation_id: UUID | None
    created_at: datetime
    ended_at: datetime | None

    @staticmethod
    def resolve_conversation_id(call: ToolCall) -> UUID | None:
        """The conversation in which it was made."""
        return call.conversation


class StandingOut(Schema):
    """Something that is always allowed."""

    id: int
    tool: str
    conversation_id: UUID | None = Field(None, alias="conversation")
    created_at: datetime
