"""Pages for adding and removing passkeys."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.internal import auth, flows
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.sign_in import login_flow, recent_login
from accounts.sign_in.frame import form_of, framed, person_of
from accounts.sign_in.second_factor import passkey_answers, passkeys

LONGEST_NAME = 60


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@recent_login.required
@login_flow.counted("passkey")
def add(request: HttpRequest) -> HttpResponseBase:
    """Let the device create a passkey and store its public key."""
    problem = passkeys.problem(request)
    form = AddWebAuthnForm(user=person_of(request), data=request.POST or None)
    if form.is_bound:
        passkey_answers.refuse_junk(form)
    if form.is_bound and not problem and passkey_answers.fits(form):
        name = " ".join(form.cleaned_data["name"].split())[:LONGEST_NAME]
        _, made_codes = flows.add_authenticator(request, name, form.cleaned_data["credential"])
        messages.success(request, "The passkey is added.")
        return redirect("accounts:recovery-codes" if made_codes else "accounts:security")
    context: dict[str, Any] = {"problem": problem, "refused": form.is_bound, "home": passkeys.home()}
    if not problem:
        # Always a discoverable one that verifies its owner, so that each can be used to sign in by itself.
        context["passkey"] = auth.begin_registration(person_of(request), passwordless=True)
    return framed(request, "accounts/security_passkey.html", context, status=422 if form.is_bound else 200)


@form_of("accounts:security")
@recent_login.required
def remove(request: HttpRequest, passkey_id: int) -> HttpResponseBase:
    """Remove a passkey."""
    mine = Authenticator.objects.filter(user=person_of(request), type=Authenticator.Type.WEBAUTHN)
    flows.remove_authenticator(request, get_object_or_404(mine, pk=passkey_id))
    messages.success(request, "The passkey is removed here. Your device may still offer it.")
    return redirect("accounts:security")
