"""The ledger: what was spent."""

from django.contrib import admin

from accounts.models import Usage
from accounts.operators.filters import TimeFilter
from accounts.operators.pages import ReadingPage


@admin.register(Usage)
class UsageAdmin(ReadingPage):
    """One line a run or call, as `accounts.limits.ledger` entered it."""

    when_empty = "A line appears here when an answer ends."
    list_display = ("at", "person", "model", "provider", "tool", "tokens", "price")
    list_filter = (("at", TimeFilter),)
    list_select_related = ("person",)
    search_fields = ("person__email", "=model", "=provider", "=tool")
    fields = ("id", "at", "person", "token", "model", "provider", "tool", "tokens", "price")
    readonly_fields = ("price",)
    ordering = ("-at",)

    @admin.display(description="cost", ordering="cost")
    def price(self, line: Usage) -> str:
        """In US dollars, with as many digits as it has."""
        return f"${line.cost.normalize():f}"
