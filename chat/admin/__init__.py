"""Chat for operators: conversations and runs, the use of models, and providers with their models to set up."""

from chat.admin.history import ConversationAdmin, RunAdmin
from chat.admin.model_use import ModelCallAdmin
from chat.admin.providers import ProviderAdmin

__all__ = ["ConversationAdmin", "ModelCallAdmin", "ProviderAdmin", "RunAdmin"]
