"""Sign-in with a passkey alone, which is two factors in one: the device, and the person who unlocks it."""

from allauth.account.models import Login
from allauth.mfa.webauthn.forms import LoginWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from accounts import audit
from accounts.sign_in import login_flow
from accounts.sign_in.pages.forms import SignInForm
from accounts.sign_in.pages.sign_in import offers
from accounts.sign_in.second_factor import passkey_answers, passkeys


@method_decorator((never_cache, login_flow.counted("passkey")), name="dispatch")
class PasskeySignIn(View):
    """Handles the browser's request for a challenge (GET) and the device's answer (POST)."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Return the challenge for the device."""
        if problem := passkeys.problem(request):
            return JsonResponse({"error": problem}, status=409)
        return JsonResponse(auth.begin_authentication(None))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Check the device's answer."""
        attempt = login_flow.attempt(request, "passkey")
        form = LoginWebAuthnForm(data=request.POST)
        if not passkey_answers.fits(form):
            audit.record("sign_in.refused", "person", outcome="refused", door="passkey")
            return self._refused(request)
        attempt.succeeded()
        if request.user.is_authenticated:
            logout(request)
        passkey = form.cleaned_data["credential"]
        login = Login(user=passkey.user, redirect_url=login_flow.safe(request, request.POST.get("next", "")) or None)
        response: HttpResponseBase = perform_passwordless_login(request, passkey, login)
        return response

    @staticmethod
    def _refused(request: HttpRequest) -> HttpResponseBase:
        context = {"form": SignInForm(request), "passkey_refused": True} | offers()
        return render(request, "accounts/sign_in.html", context, status=403)
