"""Budgets: how much may be spent."""

from typing import Any

from django import forms
from django.contrib import admin

from accounts.models import Budget
from accounts.operators import things
from accounts.operators.pages import OperatorPage, PlacedForm


class BudgetForm(PlacedForm):
    """One budget, for one thing or all. What is not there yet can be written by its name, and so can a provider."""

    target = forms.CharField(
        label="Thing",
        max_length=200,
        required=False,
        widget=things.ThingWidget(kind="about"),
        help_text="A model, a provider or a tool. What is not in the list can be written by its name.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counted = {kind: found for kind, found in things.of(self.operator.tenant_id).items() if kind in Budget.About}
        named = (self.instance.target, self.data.get("target", ""))
        self.fields["target"].widget.choices = things.to_choose(counted, ("", "All"), named=named)


@admin.register(Budget)
class BudgetAdmin(OperatorPage):
    """Of a person, a group, a token or, where none is chosen, everybody of the tenant."""

    form = BudgetForm
    when_empty = "Without a budget nothing limits what people spend."
    list_display = ("terms", "whom")
    list_filter = ("measure", "period")
    list_select_related = ("person", "group", "token")
    search_fields = ("person__email", "group__name", "target")
    autocomplete_fields = ("person", "group", "token")
    fieldsets = (
        ("How much", {"fields": ("amount", "measure", "period")}),
        ("For what", {"fields": ("about", "target")}),
        (
            "For whom",
            {"fields": ("person", "group", "token", "shared"), "description": "None of them: everybody."},
        ),
    )
    ordering = ("pk",)
