"""Settings of tools for operators: whether one is on, when a person is asked, and how long it may take."""

from typing import Any

from django import forms
from django.contrib import admin

from accounts.operators.base import OperatorPage, PlacedForm
from tools import registry
from tools.models import ToolSetting


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
