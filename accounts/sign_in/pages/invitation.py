"""The page of an invitation: the inviting person, the tenant and groups, and the choice of a sign-in method."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import audit
from accounts.models import Invitation, User
from accounts.people import invitations
from accounts.sign_in import login_flow
from accounts.sign_in.providers import known
from accounts.sign_in.providers.arrivals import INVITED

BY_PASSKEY = "passkey"
_INPUT = {"class": "input"}


class Answer(forms.Form):
    """Form of the invited person: a name, and a password unless they choose another method."""

    name = forms.CharField(max_length=120, widget=forms.TextInput(_INPUT | {"autocomplete": "name", "autofocus": True}))
    password = forms.CharField(
        required=False, strip=False, widget=forms.PasswordInput(_INPUT | {"autocomplete": "new-password"})
    )

    def __init__(self, email: str, data: Any = None) -> None:
        super().__init__(data)
        self._email = email
        if self.is_bound and not self.is_valid() and "name" not in self.errors:
            self._ask_for_password_again()

    def _ask_for_password_again(self) -> None:
        """Keep the typed name and move the focus to the password."""
        del self.fields["name"].widget.attrs["autofocus"]
        wrong = {"aria-invalid": "true", "aria-describedby": "password-error", "autofocus": True}
        self.fields["password"].widget.attrs |= wrong

    @property
    def is_by_passkey(self) -> bool:
        """Check whether they add a passkey instead of a password."""
        return self.data.get("by") == BY_PASSKEY

    def clean_password(self) -> str | None:
        """Validate the password; None with a passkey."""
        if self.is_by_passkey:
            return None
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self._email, name=self.cleaned_data.get("name", "")))
        return password


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_flow.counted("invitation")
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show or accept an invitation. Viewing it changes nothing; accepting uses it up."""
    found = invitations.of_token(token)
    response = _page(request, found) if found and found.state == "open" else _not_open(request, found)
    response.headers["Referrer-Policy"] = "strict-origin"  # as for a sign-in link
    return response


def _page(request: HttpRequest, found: Invitation) -> HttpResponseBase:
    form = Answer(found.email, request.POST or None)
    if form.is_valid():
        return _accept(request, found, form)
    request.session[INVITED] = str(found.pk)
    context = {
        "invitation": found,
        "groups": [group.name for group in found.groups.all()],
        "form": form,
        "providers": known.providers(),
    }
    return render(request, "accounts/invitation.html", context, status=422 if form.is_bound else 200)


def _accept(request: HttpRequest, found: Invitation, form: Answer) -> HttpResponseBase:
    try:
        person = invitations.accept(found, name=form.cleaned_data["name"], password=form.cleaned_data["password"])
    except invitations.NotOpen:
        found.refresh_from_db()
        return _not_open(request, found)
    following = reverse("accounts:add-passkey") if form.is_by_passkey else ""
    return login_flow.enter(request, person, "invitation", next_page=following)


def _not_open(request: HttpRequest, found: Invitation | None) -> HttpResponseBase:
    login_flow.attempt(request, "invitation")  # otherwise repeated visits would fill the audit
    state = found.state if found else "unknown"
    if found and state == "revoked" and invitations.open_for(found.email):
        state = "replaced"
    if found and state == "open":  # the address has an account by another way
        state = "accepted"
    audit.record("invitation.refused", "invitation", found.pk if found else "", outcome="refused", state=state)
    return render(request, "accounts/invitation_over.html", {"state": state}, status=410 if found else 404)
