"""The second factor on the way in: a code of the app, a recovery code, or a passkey."""

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
from accounts.entrance import confirmation, device_answers, door, passkeys
from accounts.entrance.forms import CodeForm
from accounts.models import User

P = ParamSpec("P")
View_ = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
_while_coming_in = login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")


def _somebody_is_coming_in(view: View_[P]) -> View_[P]:
    """Whoever was removed or suspended meanwhile, or changed their password, begins anew."""

    @wraps(view)
    def asked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        login = unstash_login(request, peek=True)
        if login is None or door.is_coming_in(request, login.user):
            return view(request, *args, **kwargs)
        request.session.flush()
        return redirect("accounts:sign-in")

    return asked


@method_decorator((door.counted("code"), _somebody_is_coming_in, _while_coming_in), name="dispatch")
class SecondStep(View):
    """Asks somebody who has shown the first factor for the second."""

    def get(self, _request: HttpRequest) -> HttpResponseBase:
        """The page."""
        return self._page(CodeForm(user=self._person))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """What they showed. It is counted first."""
        attempt = door.attempt(request, "code", self._person.email)
        kind = CodeForm if "code" in request.POST else AuthenticateWebAuthnForm
        form = kind(user=self._person, data=request.POST)
        if not device_answers.fits(form):
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
        means = confirmation.means(self._person)
        problem = passkeys.problem(self.request) if "passkey" in means else ""
        context: dict[str, Any] = {"form": form, "means": means, "passkey_problem": problem, "passkey_home": passkeys.home()}
        if "passkey" in means and not problem:
            context["passkey"] = auth.begin_authentication(self._person)
        return render(self.request, "accounts/second_step.html", context)
