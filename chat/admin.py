"""Conversations and runs for operators: to look at, not to write."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from chat.models import Conversation, Run


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows rows and lets nobody change them."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nobody changes."""
        return False


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    """Whose conversations there are; what was said in them is their owners'."""

    list_display = ("id", "owner", "tenant", "model", "updated_at")
    list_filter = ("tenant",)
    fields = ("owner", "tenant", "model", "created_at", "updated_at")


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """How answers were made."""

    list_display = ("id", "person", "model", "status", "created_at", "ended_at")
    list_filter = ("status", "model")
    fields = (
        "conversation",
        "person",
        "model",
        "status",
        "finish_reason",
        "error",
        "usage",
        "created_at",
        "started_at",
        "ended_at",
    )
