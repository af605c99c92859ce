"""Pages for the authenticator app (TOTP, RFC 6238) and the recovery codes."""

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

from accounts.models import User
from accounts.sign_in import login_flow, recent_login
from accounts.sign_in.frame import form_of, framed, person_of
from accounts.sign_in.second_factor import qr, seed_sealing
from accounts.sign_in.second_factor.forms import use_up

SEED = "accounts.seed"  # in the session, encrypted, until its first code is right


class FirstCode(forms.Form):
    """Form for the first code of a new app, which proves that it has the seed."""

    code = forms.CharField(max_length=20)

    def __init__(self, secret: str, data: Any = None) -> None:
        super().__init__(data)
        self.secret = secret

    def clean_code(self) -> str:
        """Check the code."""
        code: str = self.cleaned_data["code"]
        if not auth.validate_totp_code(self.secret, code):
            raise forms.ValidationError(
                "That code is not right. Check the clock of your phone and enter the code that the app shows now."
            )
        return code


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@recent_login.required
@login_flow.counted("code")
def app(request: HttpRequest) -> HttpResponseBase:
    """Show the seed as a picture and as text, and take the first code."""
    person = person_of(request)
    if _app_of(person):
        return redirect("accounts:security")
    form = FirstCode(_seed(request), request.POST or None)
    if form.is_bound:
        attempt = login_flow.attempt(request, "again", person.email, is_known_here=True)
        if form.is_valid():
            attempt.succeeded()
            use_up(person, form.cleaned_data["code"])
            return _activate(request, form)
    address = get_adapter().build_totp_url(person, form.secret)
    context = {"form": form, "picture": qr.path(address), "secret": form.secret, "address": address}
    return framed(request, "accounts/security_app.html", context, status=422 if form.is_bound else 200)


@form_of("accounts:security")
@recent_login.required
def remove_app(request: HttpRequest) -> HttpResponseBase:
    """Remove the app."""
    found = _app_of(person_of(request))
    if found is None:
        raise Http404
    flows.deactivate_totp(request, found)
    messages.success(request, "The authenticator app is removed.")
    return redirect("accounts:security")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@recent_login.required
def codes(request: HttpRequest) -> HttpResponseBase:
    """Show the recovery codes the first time; a POST replaces them."""
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
    """Return the codes as an address that a browser saves as a file."""
    title = f"Recovery codes of {settings.APP_NAME}, {settings.PUBLIC_URL}, for {person.email}"
    return "data:text/plain;charset=utf-8," + quote("\n".join([title, "", *shown, ""]))


def _app_of(person: User) -> Any:
    return Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()


def _seed(request: HttpRequest) -> str:
    """Return this session's seed; a new one each time the page is opened."""
    if request.method != "POST" or SEED not in request.session:
        request.session[SEED] = seed_sealing.sealed(auth.generate_totp_secret())
    return seed_sealing.opened(request.session[SEED])


def _activate(request: HttpRequest, form: FirstCode) -> HttpResponseBase:
    _, made_codes = flows.activate_totp(request, form)
    del request.session[SEED]
    messages.success(request, "The authenticator app is added.")
    return redirect("accounts:recovery-codes" if made_codes else "accounts:security")
