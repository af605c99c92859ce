"""Rows of chat: conversations as trees of messages and the runs that make their answers, and the models of operators."""

from chat.models.aliases import AliasMember, ModelAlias
from chat.models.conversations import (
    CONVERSATION,
    Conversation,
    ConversationQuerySet,
    Message,
    PartsField,
    Run,
    RunEvent,
    RunQuerySet,
    RunStep,
    RunWait,
    TextOf,
)
from chat.models.given_requests import GivenRequest
from chat.models.model_calls import ModelCall
from chat.models.providers import ModelProvider, ProviderModel

__all__ = [
    "CONVERSATION", "AliasMember", "Conversation", "ConversationQuerySet", "GivenRequest", "Message", "ModelAlias", "ModelCall",
    "ModelProvider", "PartsField", "ProviderModel", "Run", "RunEvent", "RunQuerySet", "RunStep", "RunWait", "TextOf",
]  # fmt: skip
