"""Apps that reach Galaxy by OAuth, and who let them in. Their tokens and codes are shown to nobody."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from oauth2_provider.models import Application

from accounts import connected, people
from accounts.models import ConnectedApp
from accounts.operators.pages import OperatorPage, ReadingPage
from accounts.operators.reach import operator_of


@admin.register(Application)
class AppAdmin(OperatorPage):
    """Apps belong to the installation: its owner adds one for clients that can do neither documents nor registration.

    Other operators see those that somebody of their tenant let in.
    """

    when_empty = "An app appears here when somebody lets it in. The owner of Galaxy can add one that does not introduce itself."
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
        """Each once."""
        if people.is_owner(operator_of(request)):
            return Application.objects.order_by("-created")  # type: ignore[no-any-return]
        return super().get_queryset(request).distinct()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The owner alone."""
        return people.is_owner(operator_of(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """The owner alone."""
        return people.is_owner(operator_of(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """The owner alone."""
        return people.is_owner(operator_of(request))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Every app here is a public client that takes a code."""
        obj.client_type, obj.authorization_grant_type = obj.CLIENT_PUBLIC, obj.GRANT_AUTHORIZATION_CODE
        super().save_model(request, obj, form, change)


@admin.register(ConnectedApp)
class ConnectedAppAdmin(ReadingPage):
    """Who let which app in."""

    when_empty = "A connection appears here when somebody lets an app in."
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
        """None of the app's tokens for this person works any more."""
        kept = chosen.select_related("person", "application")
        ended = sum(connected.revoke(one.person, one.application.client_id) for one in kept)
        self.message_user(request, f"Disconnected: {ended}.")
