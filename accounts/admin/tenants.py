"""Tenants: households, teams, companies. Making them is for the owner of the installation; operators see their own."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import people
from accounts.models import Tenant
from accounts.operators.pages import OperatorPage
from accounts.operators.reach import operator_of


@admin.register(Tenant)
class TenantAdmin(OperatorPage):
    """A tenant's name; a new one begins with what is open to everybody (accounts.signals)."""

    tenant_path = "pk"
    list_display = ("name", "created_at")
    fields = ("name", "created_at")
    readonly_fields = ("created_at",)
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """For the owner, all."""
        if people.is_owner(operator_of(request)):
            return Tenant.objects.order_by("created_at")
        return super().get_queryset(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The owner alone."""
        return people.is_owner(operator_of(request))

    def has_delete_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:  # noqa: ARG002
        """The owner alone; the database refuses one that has people."""
        return people.is_owner(operator_of(request))
