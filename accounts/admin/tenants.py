"""Tenants: households, teams, companies. Only the owner creates them; other operators see their own."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Tenant
from accounts.operators.base import OperatorPage
from accounts.operators.tenant_scope import operator_of
from accounts.people import directory


@admin.register(Tenant)
class TenantAdmin(OperatorPage):
    """Page of a tenant's name. A new tenant starts with the default grants (accounts.access.signals)."""

    tenant_path = "pk"
    list_display = ("name", "created_at")
    fields = ("name", "created_at")
    readonly_fields = ("created_at",)
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Select all tenants for the owner."""
        if directory.is_owner(operator_of(request)):
            return Tenant.objects.order_by("created_at")
        return super().get_queryset(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow only the owner."""
        return directory.is_owner(operator_of(request))

    def has_delete_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:  # noqa: ARG002
        """Allow only the owner; the database refuses to delete a tenant that has people."""
        return directory.is_owner(operator_of(request))
