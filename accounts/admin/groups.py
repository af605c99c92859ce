"""Groups, and who is in them."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from accounts.models import Group, Membership
from accounts.operators.pages import OperatorPage
from accounts.operators.reach import Within


class MembershipInline(Within, TabularInline):  # type: ignore[misc]  # unfold has no types
    """One line a person. Those that a sign-in provider put there it takes out again by itself."""

    model = Membership
    tenant_path = "group__tenant"
    fields = ("person", "source")
    readonly_fields = ("source",)
    autocomplete_fields = ("person",)
    extra = 0
    verbose_name = "person"
    verbose_name_plural = "people"


@admin.register(Group)
class GroupAdmin(OperatorPage):
    """People who are granted things together."""

    when_empty = "People who are in a group are granted things together."
    list_display = ("name", "size", "parallel_answers", "claim")
    search_fields = ("name", "claim")
    fields = ("name", "claim", "parallel_answers")
    inlines = (MembershipInline,)
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With how many are in it."""
        rows: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(people_in_it=Count("memberships"))
        return counted

    @admin.display(description="people", ordering="people_in_it")
    def size(self, group: Any) -> int:
        """How many are in it."""
        return int(group.people_in_it)
