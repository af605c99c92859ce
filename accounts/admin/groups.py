"""Groups and their members."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from accounts.models import Group, Membership
from accounts.operators.base import OperatorPage
from accounts.operators.tenant_scope import Within


class MembershipInline(Within, TabularInline):  # type: ignore[misc]  # unfold has no types
    """One line for each member. Members added by a sign-in provider are removed by it, too."""

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
    """Groups of people who share grants."""

    when_empty = "Put people into a group to give all of them the same access."
    list_display = ("name", "size", "parallel_answers", "claim")
    search_fields = ("name", "claim")
    fields = ("name", "claim", "parallel_answers")
    inlines = (MembershipInline,)
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count the members of each group."""
        rows: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(people_in_it=Count("memberships"))
        return counted

    @admin.display(description="people", ordering="people_in_it")
    def size(self, group: Any) -> int:
        """Return the number of members."""
        return int(group.people_in_it)
