"""Invitations: creating one shows its link, once; they can be revoked here, too."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.models import Invitation
from accounts.operators.base import OperatorPage, PlacedForm
from accounts.operators.tenant_scope import operator_of
from accounts.people import invitations

SHOWN_ONCE = (
    'Copy this link and pass it on. It is shown only once: <code class="operators-link">{}</code> '
    '<button type="button" class="operators-button" data-copy="{}">Copy</button> <span role="status"></span>'
)


class InvitationForm(PlacedForm):
    """Form for the invited address and the groups of the operator's tenant."""

    class Meta:
        model = Invitation
        fields = ("email", "groups")

    def clean(self) -> dict[str, Any]:
        """Check that the person can be invited, and say why not."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                invitations.check(given["email"], self.operator.tenant, list(given["groups"]))
            except invitations.CannotInvite as error:
                raise forms.ValidationError(str(error)) from error
        return given


@admin.register(Invitation)
class InvitationAdmin(OperatorPage):
    """Invitations cannot be edited once they are sent."""

    when_empty = "Invite a person: you get a link to pass on. It works once, within a week."
    form = InvitationForm
    list_display = ("email", "state", "invited_by", "expires_at")
    list_select_related = ("invited_by",)
    search_fields = ("email",)
    actions = ("take_back",)

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:  # noqa: ARG002
        """Allow no changes."""
        return False

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001
        """Create the invitation and show its link."""
        operator = operator_of(request)
        made, link = invitations.invite(obj.email, operator.tenant, form.cleaned_data["groups"], by=operator)
        obj.__dict__.update(made.__dict__)
        self.message_user(request, format_html(SHOWN_ONCE, link, link), messages.SUCCESS)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Log nothing here: `accounts.people.invitations` records it."""

    @admin.action(description="Revoke")
    def take_back(self, request: HttpRequest, chosen: "QuerySet[Invitation]") -> None:
        """Revoke the selected invitations."""
        self.message_user(request, f"Revoked: {sum(invitations.revoke(one) for one in chosen)}.")
