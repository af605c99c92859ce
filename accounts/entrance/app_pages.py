"""The authenticator app (TOTP, RFC 6238) and the recovery codes."""

from typing import Any
from urllib.parse import quote

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import flows as recovery
from allauth.mfa.totp.internal import auth, flows
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.entrance import confirmation, door, qr, sealing
from accounts.entrance.forms import use_up
from accounts.entrance.frame import form_of, framed, person_of
from accounts.models import User

SEED = "accounts.seed"  # in the session, sealed, until the first code of it is right


class FirstCode(forms.Form):
    """The first code of a new app shows that it has the seed."""

    code = forms.CharField(max_length=20)

    def __init__(self, secret: str, data: Any = None) -> None:
        super().__init__(data)
        self.secret = secret

    def clean_code(self) -> str:
        """The code."""
        code: str = self.cleaned_data["code"]
        if not auth.validate_totp_code(self.secret, code):
            raise forms.ValidationError(
                "This does not fit. Look whether the app's clock is right, and write the code it shows now."
            )
        return code


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@confirmation.required
@door.counted("code")
def app(request: HttpRequest) -> HttpResponseBase:
    """Shows the seed as a picture and in letters, and takes the first code."""
    person = person_of(request)
    if _app_of(person):
        return redirect("accounts:security")
    form = FirstCode(_seed(request), request.POST or None)
    if form.is_bound:
        attempt = door.attempt(request, "again", person.email, is_known_here=True)
        if form.is_valid():
            attempt.succeeded()
            use_up(person, form.cleaned_data["code"])
            return _activate(request, form)
    address = get_adapter().build_totp_url(person, form.secret)
    context = {"form": form, "picture": qr.path(address), "secret": form.secret, "address": address}
    return framed(request, "accounts/security_app.html", context, status=422 if form.is_bound else 200)


@form_of("accounts:security")
@confirmation.required
def remove_app(request: HttpRequest) -> HttpResponseBase:
    """Take the app away."""
    found = _app_of(person_of(request))
    if found is None:
        raise Http404
    flows.deactivate_totp(request, found)
    messages.success(request, "The authenticator app is removed.")
    return redirect("accounts:security")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@confirmation.required
def codes(request: HttpRequest) -> HttpResponseBase:
    """The recovery codes, the first time they are asked for; by POST, new ones instead."""
    if request.method == "POST":
        if not recovery.can_generate_recovery_codes(person_of(request)):
            raise Http404
        recovery.generate_recovery_codes(request)
        return redirect("accounts:recovery-codes")
    found, may_be_shown = recovery.view_recovery_codes(request)
    if found is None:
        raise Http404
    unused = found.get_unused_codes()
    shown = unused if may_be_shown else []
    context = {"codes": shown, "count": len(unused), "file": _file(person_of(request), shown)}
    return framed(request, "accounts/security_codes.html", context)


def _file(person: User, shown: list[str]) -> str:
    """The codes as an address that a browser keeps as a file."""
    title = f"Recovery codes of {settings.APP_NAME}, {settings.PUBLIC_URL}, for {person.email}"
    return "data:text/plain;charset=utf-8," + quote("\n".join([title, "", *shown, ""]))


def _app_of(person: User) -> Any:
    return Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()


def _seed(request: HttpRequest) -> str:
    """The seed that this session offers; a new one each time the page is opened."""
    if request.method != "POST" or SEED not in request.session:
        request.session[SEED] = sealing.sealed(auth.generate_totp_secret())
    return sealing.opened(request.session[SEED])


def _activate(request: HttpRequest, form: FirstCode) -> HttpResponseBase:
    _, made_codes = flows.activate_totp(request, form)
    del request.session[SEED]
    messages.success(request, "The authenticator app is added.")
    return redirect("accounts:recovery-codes" if made_codes else "accounts:security")
