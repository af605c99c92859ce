"""The ledger of usage."""

from django.contrib import admin

from accounts.models import Usage
from accounts.operators.base import ReadingPage
from accounts.operators.filters import TimeFilter


@admin.register(Usage)
class UsageAdmin(ReadingPage):
    """One line for each run or call, as `accounts.limits.ledger` wrote it."""

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
        """Format the cost in US dollars with all its digits."""
        return f"${line.cost.normalize():f}"
