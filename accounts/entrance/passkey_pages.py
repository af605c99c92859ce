"""Adding and removing passkeys."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.internal import auth, flows
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.entrance import confirmation, device_answers, door, passkeys
from accounts.entrance.frame import form_of, framed, person_of

LONGEST_NAME = 60


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@confirmation.required
@door.counted("passkey")
def add(request: HttpRequest) -> HttpResponseBase:
    """Have the device make one, and keep its public key."""
    problem = passkeys.problem(request)
    form = AddWebAuthnForm(user=person_of(request), data=request.POST or None)
    if form.is_bound:
        device_answers.refuse_junk(form)
    if form.is_bound and not problem and device_answers.fits(form):
        name = " ".join(form.cleaned_data["name"].split())[:LONGEST_NAME]
        _, made_codes = flows.add_authenticator(request, name, form.cleaned_data["credential"])
        messages.success(request, "The passkey is added.")
        return redirect("accounts:recovery-codes" if made_codes else "accounts:security")
    context: dict[str, Any] = {"problem": problem, "refused": form.is_bound, "home": passkeys.home()}
    if not problem:
        # Always one that the device keeps and that asks for its owner: each can be used to sign in by itself.
        context["passkey"] = auth.begin_registration(person_of(request), passwordless=True)
    return framed(request, "accounts/security_passkey.html", context, status=422 if form.is_bound else 200)


@form_of("accounts:security")
@confirmation.required
def remove(request: HttpRequest, passkey_id: int) -> HttpResponseBase:
    """Take one away."""
    mine = Authenticator.objects.filter(user=person_of(request), type=Authenticator.Type.WEBAUTHN)
    flows.remove_authenticator(request, get_object_or_404(mine, pk=passkey_id))
    messages.success(request, "The passkey is removed here. Your device may still offer it.")
    return redirect("accounts:security")
