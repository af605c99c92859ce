"""Pages for signing in and out, and for sign-in links."""

from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import audit
from accounts.identity import credentials, login_sessions
from accounts.limits.attempts import Attempt
from accounts.models import SignInLink, User
from accounts.sign_in import login_flow
from accounts.sign_in.pages.forms import SignInForm
from accounts.sign_in.providers import known


@method_decorator(login_flow.counted("password"), name="dispatch")
class SignIn(LoginView):
    """The sign-in page. `next` is followed only within this portal."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    attempt: Attempt

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Count the attempt, then check it."""
        self.attempt = login_flow.attempt(request, "password", request.POST.get("username", ""))
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Continue after the right password."""
        person = form.get_user()
        assert isinstance(person, User)  # noqa: S101  for the type checker
        self.attempt.succeeded()
        return login_flow.enter(self.request, person, "password", next_page=self.get_redirect_url())  # type: ignore[return-value]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the other methods and, for a session that has ended, the reason."""
        ended = login_sessions.ending_of(self.request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        return super().get_context_data(**kwargs) | offers() | {"ended": ended} | _unproxied(self.request)


class SignOut(LogoutView):
    """Ends the session (POST only). Explains to a person named by a proxy that they remain signed in there."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """End the session."""
        caller = getattr(request, "caller", None)
        if caller is None or caller.via != "proxy":
            return super().post(request, *args, **kwargs)
        logout(request)
        return render(request, "accounts/proxy_names_you.html", {"sign_out_there": settings.ENVIRONMENT.proxy_sign_out_url})


def _unproxied(request: HttpRequest) -> dict[str, str]:
    """Explain why a proxy's person was refused, and where to sign in again at the proxy."""
    words = credentials.unproxied(request.scope)  # type: ignore[attr-defined]  # ASGI's
    return {"unproxied": words, "sign_out_there": settings.ENVIRONMENT.proxy_sign_out_url if words else ""}


def offers() -> dict[str, Any]:
    """List the other methods for the sign-in page."""
    return {"providers": known.providers()}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_flow.counted("link")
def link(request: HttpRequest, token: str) -> HttpResponseBase:
    """Sign in by a link, which works once. `next` does not apply.

    Viewing it changes nothing: mail and chat programs open links to show a preview. The button uses it up.
    """
    response = _follow(request, token) if request.method == "POST" else _offer(request, token)
    # Keep the token out of referrers. Not `no-referrer`: with it browsers send `Origin: null`, and the form is refused.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _offer(request: HttpRequest, token: str) -> HttpResponse:
    person = SignInLink.person_of(token)
    return render(request, "accounts/link.html", {"person": person}) if person else _refused(request)


def _follow(request: HttpRequest, token: str) -> HttpResponseBase:
    attempt = login_flow.attempt(request, "link")
    person = SignInLink.redeem(token)
    if person is None:
        audit.record("sign_in.refused", "person", outcome="refused", door="link")
        return _refused(request)
    attempt.succeeded()
    return login_flow.enter(request, person, "link")


def _refused(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:  # most likely by this very link
        return render(request, "accounts/link_over.html", {"person": request.user}, status=403)
    context = {"form": SignInForm(request), "link_refused": True} | offers()
    return render(request, "accounts/sign_in.html", context, status=403)
