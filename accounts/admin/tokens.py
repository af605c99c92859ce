"""Personal access tokens: a list, and revoking. The token itself is never stored."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.identity import tokens
from accounts.models import AccessToken
from accounts.operators.base import ReadingPage


@admin.register(AccessToken)
class AccessTokenAdmin(ReadingPage):
    """Tokens that people create in their settings."""

    when_empty = "People create tokens in their settings, for scripts and other programs."
    tenant_path = "person__tenant"
    audit_kind = "token"
    list_display = ("name", "person", "start", "scopes", "last_used_at", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("person",)
    search_fields = ("name", "person__email", "start")
    fields = ("name", "person", "start", "scopes", "created_at", "last_used_at", "expires_at", "revoked_at")
    actions = ("revoke",)

    @admin.action(description="Revoke")
    def revoke(self, request: HttpRequest, chosen: "QuerySet[AccessToken]") -> None:
        """Revoke the selected tokens."""
        ended = sum(tokens.revoke(token.person, token.pk) for token in chosen.select_related("person"))
        self.message_user(request, f"Revoked: {ended}.")
