"""Chat for operators: conversations and runs to look at, providers with their models and aliases to set up."""

from chat.admin.aliases import AliasAdmin
from chat.admin.history import ConversationAdmin, RunAdmin
from chat.admin.providers import ProviderAdmin

__all__ = ["AliasAdmin", "ConversationAdmin", "ProviderAdmin", "RunAdmin"]
