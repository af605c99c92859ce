"""Signing in and out, and the theme: the pages that need nobody signed in."""

from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit, credentials, visits
from accounts.context import THEME_COOKIE, THEMES
from accounts.entrance import door
from accounts.forms import SignInForm
from accounts.models import SignInLink, User
from accounts.providers import known
from accounts.throttle import Attempt

YEAR = 365 * 24 * 3600


@method_decorator(door.counted("password"), name="dispatch")
class SignIn(LoginView):
    """The sign-in page. `next` is followed only within this portal."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    attempt: Attempt

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Count the attempt, then check it."""
        self.attempt = door.attempt(request, "password", request.POST.get("username", ""))
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """The password is right."""
        person = form.get_user()
        assert isinstance(person, User)  # noqa: S101  for the type checker
        self.attempt.succeeded()
        return door.enter(self.request, person, "password", next_page=self.get_redirect_url())  # type: ignore[return-value]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the page offers beside the password, and why one is here who was signed in."""
        ended = visits.ending_of(self.request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        return super().get_context_data(**kwargs) | offers() | {"ended": ended} | _unproxied(self.request)


class SignOut(LogoutView):
    """Ends the session (POST only) and shows the sign-in page; not to whom a proxy names: that would sign them in again."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """End it."""
        caller = getattr(request, "caller", None)
        if caller is None or caller.via != "proxy":
            return super().post(request, *args, **kwargs)
        logout(request)
        return render(request, "accounts/proxy_names_you.html", {"sign_out_there": settings.ENVIRONMENT.proxy_sign_out_url})


def _unproxied(request: HttpRequest) -> dict[str, str]:
    """Why nobody is there whom a proxy has just named, and where one begins anew at the proxy."""
    words = credentials.unproxied(request.scope)  # type: ignore[attr-defined]  # ASGI's
    return {"unproxied": words, "sign_out_there": settings.ENVIRONMENT.proxy_sign_out_url if words else ""}


def offers() -> dict[str, Any]:
    """The other ways in, as the sign-in page shows them."""
    return {"providers": known.providers()}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@door.counted("link")
def link(request: HttpRequest, token: str) -> HttpResponseBase:
    """Sign in by a link, which works once. It is never followed further, so `next` does not apply.

    Looking at it changes nothing: programs for mail and chat open every link to show a preview. The button spends it.
    """
    response = _follow(request, token) if request.method == "POST" else _offer(request, token)
    # Nobody is told the token by a referrer. Not `no-referrer`: with it browsers send `Origin: null`, and the form is refused.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _offer(request: HttpRequest, token: str) -> HttpResponse:
    person = SignInLink.person_of(token)
    return render(request, "accounts/link.html", {"person": person}) if person else _refused(request)


def _follow(request: HttpRequest, token: str) -> HttpResponseBase:
    attempt = door.attempt(request, "link")
    person = SignInLink.redeem(token)
    if person is None:
        audit.record("sign_in.refused", "person", outcome="refused", door="link")
        return _refused(request)
    attempt.succeeded()
    return door.enter(request, person, "link")


def _refused(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:  # and most likely by this very link
        return render(request, "accounts/link_over.html", {"person": request.user}, status=403)
    context = {"form": SignInForm(request), "link_refused": True} | offers()
    return render(request, "accounts/sign_in.html", context, status=403)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme and go back; for browsers without script."""
    back = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = redirect(back if safe else settings.LOGIN_REDIRECT_URL)
    chosen = request.POST.get("theme")
    if chosen in THEMES:
        response.set_cookie(THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response
