"""Invitations: made here, where their link is shown once; taken back here, too."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from accounts import invitations
from accounts.models import Invitation
from accounts.operators.pages import OperatorPage, PlacedForm
from accounts.operators.reach import operator_of

SHOWN_ONCE = (
    'Pass this link on, it is shown this once: <code class="operators-link">{}</code> '
    '<button type="button" class="operators-button" data-copy="{}">Copy</button> <span role="status"></span>'
)


class InvitationForm(PlacedForm):
    """Whom, and into which groups of the operator's tenant."""

    class Meta:
        model = Invitation
        fields = ("email", "groups")

    def clean(self) -> dict[str, Any]:
        """Says in the form why somebody cannot be invited."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                invitations.check(given["email"], self.operator.tenant, list(given["groups"]))
            except invitations.CannotInvite as error:
                raise forms.ValidationError(str(error)) from error
        return given


@admin.register(Invitation)
class InvitationAdmin(OperatorPage):
    """One that is out is not changed."""

    when_empty = "Invite somebody: you get a link to pass on. It works once, for a week."
    form = InvitationForm
    list_display = ("email", "state", "invited_by", "expires_at")
    list_select_related = ("invited_by",)
    search_fields = ("email",)
    actions = ("take_back",)

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:  # noqa: ARG002
        """Nobody changes."""
        return False

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001
        """Make it, and show the link."""
        operator = operator_of(request)
        made, link = invitations.invite(obj.email, operator.tenant, form.cleaned_data["groups"], by=operator)
        obj.__dict__.update(made.__dict__)
        self.message_user(request, format_html(SHOWN_ONCE, link, link), messages.SUCCESS)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """`accounts.invitations` records it."""

    @admin.action(description="Take back")
    def take_back(self, request: HttpRequest, chosen: "QuerySet[Invitation]") -> None:
        """They cannot be accepted any more."""
        self.message_user(request, f"Taken back: {sum(invitations.revoke(one) for one in chosen)}.")
