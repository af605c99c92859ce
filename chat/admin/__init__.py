"""Chat for operators: conversations and runs, the use of models, and setting up providers, their models and aliases."""

from chat.admin.aliases import AliasAdmin
from chat.admin.history import ConversationAdmin, RunAdmin
from chat.admin.model_use import ModelCallAdmin
from chat.admin.providers import ProviderAdmin

__all__ = ["AliasAdmin", "ConversationAdmin", "ModelCallAdmin", "ProviderAdmin", "RunAdmin"]
