"""The second factor at sign-in: a code of the app, a recovery code, or a passkey."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.stagekit import unstash_login
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from django.forms import Form
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View

from accounts import audit
from accounts.models import User
from accounts.sign_in import login_flow, recent_login
from accounts.sign_in.second_factor import passkey_answers, passkeys
from accounts.sign_in.second_factor.forms import CodeForm

P = ParamSpec("P")
View_ = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
_while_coming_in = login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")


def _first_factor_still_counts(view: View_[P]) -> View_[P]:
    """Start the sign-in again if the person was removed, suspended or changed their password meanwhile."""

    @wraps(view)
    def asked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        login = unstash_login(request, peek=True)
        if login is None or login_flow.is_coming_in(request, login.user):
            return view(request, *args, **kwargs)
        request.session.flush()
        return redirect("accounts:sign-in")

    return asked


@method_decorator((login_flow.counted("code"), _first_factor_still_counts, _while_coming_in), name="dispatch")
class SecondStep(View):
    """Asks a person who passed the first factor for the second."""

    def get(self, _request: HttpRequest) -> HttpResponseBase:
        """Show the page."""
        return self._page(CodeForm(user=self._person))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Count the attempt, then check it."""
        attempt = login_flow.attempt(request, "code", self._person.email)
        kind = CodeForm if "code" in request.POST else AuthenticateWebAuthnForm
        form = kind(user=self._person, data=request.POST)
        if not passkey_answers.fits(form):
            audit.record("sign_in.refused", "person", self._person.pk, outcome="refused", door="code")
            return self._page(form)
        attempt.succeeded()
        form.save()
        response: HttpResponseBase = self.request._login_stage.exit()  # type: ignore[attr-defined]  # noqa: SLF001  allauth's
        return response

    @property
    def _person(self) -> User:
        person: User = self.request._login_stage.login.user  # type: ignore[attr-defined]  # noqa: SLF001  allauth's
        return person

    def _page(self, form: Form) -> HttpResponseBase:
        means = recent_login.means(self._person)
        problem = passkeys.problem(self.request) if "passkey" in means else ""
        context: dict[str, Any] = {"form": form, "means": means, "passkey_problem": problem, "passkey_home": passkeys.home()}
        if "passkey" in means and not problem:
            context["passkey"] = auth.begin_authentication(self._person)
        return render(self.request, "accounts/second_step.html", context)
