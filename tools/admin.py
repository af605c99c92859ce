"""Operators' pages of tools: what each is set to, and which calls were made. What was in them is their person's."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.operators.base import OperatorPage, PlacedForm, ReadingPage
from accounts.operators.filters import TimeFilter
from tools import registry
from tools.builtin.sql import admin as databases
from tools.models import ToolCall, ToolSetting

__all__ = ["ToolCallAdmin", "ToolSettingAdmin", "databases"]


class SettingForm(PlacedForm):
    """The tool is chosen from those there are."""

    tool = forms.ChoiceField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {tool.spec.name: f"{tool.spec.title} ({tool.spec.name})" for tool in registry.all_tools()}
        if self.instance.tool:  # one that is not offered at the moment keeps its setting
            known.setdefault(self.instance.tool, self.instance.tool)
        field = self.fields["tool"]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(known.items())


@admin.register(ToolSetting)
class ToolSettingAdmin(OperatorPage):
    """Settings of a tool. Who may use it is granted under Grants."""

    form = SettingForm
    audit_kind = "tool_setting"
    when_empty = "Every tool is on and asks by its risk. Add a setting to change that for one."
    list_display = ("tool", "is_on", "ask", "by_another", "timeout")
    list_filter = ("is_on", "ask")
    search_fields = ("tool",)
    fields = ("tool", "is_on", "ask", "by_another", "timeout")
    ordering = ("tool",)


@admin.register(ToolCall)
class ToolCallAdmin(ReadingPage):
    """Calls of tools, without their arguments and results: those belong to the chat they were made in."""

    when_empty = "A call appears here when a model or a person calls a tool."
    list_display = ("created_at", "person", "tool", "via", "state", "error", "took")
    list_display_links = ("created_at",)
    list_filter = (("created_at", TimeFilter), "state", "via", "risk", "is_long")
    list_select_related = ("person",)
    search_fields = ("person__email", "=tool", "=id", "=error")
    fields = (
        "id", "person", "token", "via", "tool", "risk", "state", "error", "reason", "decided_by", "decided_at", "is_cached",
        "is_long", "tries", "heard_at",
        "took", "cost", "created_at", "dispatched_at", "ended_at",
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
