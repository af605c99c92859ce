"""Budgets: how much may be spent."""

from django.contrib import admin

from accounts.models import Budget
from accounts.operators.pages import OperatorPage


@admin.register(Budget)
class BudgetAdmin(OperatorPage):
    """Of a person, a group, a token or, where none is chosen, everybody of the tenant."""

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
