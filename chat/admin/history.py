"""Conversations and runs for operators: to look at, not to write. What was said in them is their owners'."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts.operators.base import ReadingPage
from accounts.operators.filters import TimeFilter
from chat.models import Conversation, Message, Run


def _messages() -> Coalesce:
    """Count the messages in a subquery of its own: joined with runs, they would be counted several times."""
    counted = Message.objects.filter(conversation=OuterRef("pk")).order_by().values("conversation")
    return Coalesce(Subquery(counted.annotate(count=Count("pk")).values("count")), 0)


@admin.register(Conversation)
class ConversationAdmin(ReadingPage):
    """Conversations by owner and day. The title is left out: it says what people talk about."""

    when_empty = "A chat appears here with its first message. What is said in it does not."
    list_display = ("day", "owner", "model", "messages_in_it", "updated_at")
    list_display_links = ("day",)
    list_filter = (("updated_at", TimeFilter),)
    list_select_related = ("owner",)
    search_fields = ("owner__email", "=model", "=id")
    fields = ("id", "owner", "model", "messages_in_it", "created_at", "updated_at")
    readonly_fields = ("messages_in_it",)
    ordering = ("-updated_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the number of messages."""
        rows: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = rows.filter(deleted_at=None).annotate(messages_count=_messages())
        return counted

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Conversation | None:
        """Under another title than its own; nothing here saves it."""
        found: Conversation | None = super().get_object(request, object_id, from_field)
        if found:
            found.title = f"Conversation {found.pk}"
        return found

    @admin.display(description="began", ordering="created_at")
    def day(self, conversation: Conversation) -> Any:
        """Day on which the conversation began."""
        return conversation.created_at

    @admin.display(description="messages", ordering="messages_count")
    def messages_in_it(self, conversation: Any) -> int:
        """Number of messages in it, on all branches."""
        return int(conversation.messages_count)


@admin.register(Run)
class RunAdmin(ReadingPage):
    """Runs: the making of each answer."""

    when_empty = "A run appears here when someone asks a model."
    tenant_path = "conversation__tenant"
    list_display = ("created_at", "person", "model", "provider", "status", "finish_reason", "ended_at")
    list_display_links = ("created_at",)
    list_filter = (("created_at", TimeFilter), "status")
    list_select_related = ("person",)
    search_fields = ("person__email", "=model", "=provider", "=id")
    fields = (
        "id", "talk", "person", "model", "answered_by", "provider", "status", "finish_reason", "problem", "took", "created_at",
        "started_at", "ended_at",
    )  # fmt: skip
    readonly_fields = ("talk", "problem", "took")
    ordering = ("-created_at",)

    @admin.display(description="conversation")
    def talk(self, run: Run) -> str:
        """Link to the conversation, named by its id."""
        page = reverse("admin:chat_conversation_change", args=[run.conversation_id])
        return format_html('<a href="{}">{}</a>', page, run.conversation_id)

    @admin.display(description="error")
    def problem(self, run: Run) -> str:
        """As text: unfold would colour it with style attributes, which the policy forbids."""
        return json.dumps(run.error, ensure_ascii=False) if run.error else ""

    @admin.display(description="usage")
    def took(self, run: Run) -> str:
        """As text, too."""
        return json.dumps(run.usage) if run.usage else ""
