"""Invitations for operators."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import invitations
from accounts.models import Invitation, User


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whom, and into what."""

    class Meta:
        model = Invitation
        fields = ("email", "tenant", "groups")

    def clean(self) -> dict[str, Any]:
        """Says in the form why somebody cannot be invited."""
        given = super().clean() or {}
        if not self.errors:
            try:
                invitations.check(given["email"], given["tenant"], list(given["groups"]))
            except invitations.CannotInvite as error:
                raise forms.ValidationError(str(error)) from error
        return given


class InvitationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Made here, where their link is shown once; taken back here, too."""

    form = InvitationForm
    list_display = ("email", "tenant", "state", "invited_by", "expires_at")
    list_filter = ("tenant",)
    search_fields = ("email",)
    actions = ("take_back",)

    def has_change_permission(self, _request: HttpRequest, _thing: Invitation | None = None) -> bool:
        """One that is out is not changed."""
        return False

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001  Django's
        """Make it, and show the link."""
        by = request.user if isinstance(request.user, User) else None
        made, link = invitations.invite(obj.email, obj.tenant, form.cleaned_data["groups"], by=by)
        obj.__dict__.update(made.__dict__)
        messages.success(request, f"Pass this link on, it is shown this once: {link}")

    @admin.action(description="Take back")
    def take_back(self, request: HttpRequest, chosen: "QuerySet[Invitation]") -> None:
        """They cannot be accepted any more."""
        messages.success(request, f"Taken back: {sum(invitations.revoke(one) for one in chosen)}.")
