"""Budgets: limits on spending."""

from typing import Any

from django import forms
from django.contrib import admin

from accounts.models import Budget
from accounts.operators import grant_targets
from accounts.operators.base import OperatorPage, PlacedForm


class BudgetForm(PlacedForm):
    """Form for a budget on one thing or on all. A thing or provider that does not exist yet can be typed by name."""

    target = forms.CharField(
        label="Thing",
        max_length=200,
        required=False,
        widget=grant_targets.ThingWidget(kind="about"),
        help_text="A model, a provider or a tool. Type the name of one that is not in the list.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counted = {kind: found for kind, found in grant_targets.of(self.operator.tenant_id).items() if kind in Budget.About}
        named = (self.instance.target, self.data.get("target", ""))
        self.fields["target"].widget.choices = grant_targets.to_choose(counted, ("", "All"), named=named)


@admin.register(Budget)
class BudgetAdmin(OperatorPage):
    """Budgets of a person, a group, a token or, where none is chosen, everyone in the tenant."""

    form = BudgetForm
    when_empty = "Without a budget, spending is not limited."
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
            {"fields": ("person", "group", "token", "shared"), "description": "Choose none for everyone."},
        ),
    )
    ordering = ("pk",)
