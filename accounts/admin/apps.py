"""Pages for apps that connect through OAuth, and for the people who connected them. Tokens and codes are never shown."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from oauth2_provider.models import Application

from accounts.models import ConnectedApp
from accounts.oauth import connected_apps
from accounts.operators.base import OperatorPage, ReadingPage
from accounts.operators.tenant_scope import operator_of
from accounts.people import directory


@admin.register(Application)
class AppAdmin(OperatorPage):
    """Apps belong to the installation. Its owner adds those that support neither metadata documents nor registration.

    Other operators see the apps that a person of their tenant has connected.
    """

    when_empty = (
        "An app appears here when a person connects it. The owner of Galaxy can add an app that cannot register itself."
    )
    tenant_path = "connections__person__tenant"
    audit_kind = "app"
    list_display = ("name", "client_id", "registration_source", "created")
    list_filter = ("registration_source",)
    search_fields = ("name", "client_id")
    fields = ("name", "client_id", "redirect_uris", "registration_source", "created")
    readonly_fields = ("registration_source", "created")
    view_on_site = False
    ordering = ("-created",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Select each app once."""
        if directory.is_owner(operator_of(request)):
            return Application.objects.order_by("-created")  # type: ignore[no-any-return]
        return super().get_queryset(request).distinct()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow only the owner."""
        return directory.is_owner(operator_of(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Allow only the owner."""
        return directory.is_owner(operator_of(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Allow only the owner."""
        return directory.is_owner(operator_of(request))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Save a public client that uses authorization codes; this page creates no other type."""
        obj.client_type, obj.authorization_grant_type = obj.CLIENT_PUBLIC, obj.GRANT_AUTHORIZATION_CODE
        super().save_model(request, obj, form, change)


@admin.register(ConnectedApp)
class ConnectedAppAdmin(ReadingPage):
    """Connections between people and apps."""

    when_empty = "A connection appears here when a person connects an app."
    tenant_path = "person__tenant"
    audit_kind = "app"
    list_display = ("application", "person", "created_at", "last_used_at")
    list_select_related = ("person", "application")
    search_fields = ("person__email", "application__name", "application__client_id")
    fields = ("application", "person", "created_at", "last_used_at")
    actions = ("disconnect",)
    ordering = ("-created_at",)

    @admin.action(description="Disconnect")
    def disconnect(self, request: HttpRequest, chosen: "QuerySet[ConnectedApp]") -> None:
        """Revoke all of the app's tokens for this person."""
        kept = chosen.select_related("person", "application")
        ended = sum(connected_apps.revoke(one.person, one.application.client_id) for one in kept)
        self.message_user(request, f"Disconnected: {ended}.")
