"""Chat for operators: conversations and runs to look at, and providers with their models to set up."""

from chat.admin.history import ConversationAdmin, RunAdmin
from chat.admin.providers import ProviderAdmin

__all__ = ["ConversationAdmin", "ProviderAdmin", "RunAdmin"]
