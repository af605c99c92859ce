"""Calls of tools for operators: who called what and how it ended. What was in them is their person's."""

from django.contrib import admin
from django.http import HttpRequest

from accounts.operators.base import ReadingPage
from accounts.operators.filters import TimeFilter
from tools.models import ToolCall


@admin.register(ToolCall)
class ToolCallAdmin(ReadingPage):
    """Calls of tools, without their arguments and results: those belong to the chat they were made in."""

    when_empty = "A call appears here when a model or a person calls a tool."
    list_display = ("created_at", "person", "tool", "model", "via", "state", "error", "took")
    list_display_links = ("created_at",)
    list_filter = (("created_at", TimeFilter), "state", "via", "risk", "is_long")
    list_select_related = ("person",)
    search_fields = ("person__email", "=tool", "=model", "=id", "=error")
    linked_by = ("tool",)
    fields = (
        "id", "person", "token", "via", "model", "tool", "risk", "state", "error", "reason", "decided_by", "decided_at",
        "is_cached", "is_long", "tries", "heard_at", "took", "cost", "created_at", "dispatched_at", "ended_at",
    )  # fmt: skip
    readonly_fields = ("took",)
    ordering = ("-created_at",)

    def has_add_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        """Calls are made by the executor alone."""
        return False

    @admin.display(description="time")
    def took(self, call: ToolCall) -> str:
        """Milliseconds from its begin to its end."""
        return "" if call.milliseconds is None else f"{call.milliseconds:,.0f} ms"
