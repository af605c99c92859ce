"""Signing in and out, and the theme: the pages that need nobody signed in."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.context import THEME_COOKIE, THEMES
from accounts.forms import SignInForm
from accounts.middleware import BACKEND
from accounts.models import SignInLink

YEAR = 365 * 24 * 3600


class SignIn(LoginView):
    """The sign-in page. `next` is followed only within this portal."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class SignOut(LogoutView):
    """Ends the session (POST only) and shows the sign-in page."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
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


def _follow(request: HttpRequest, token: str) -> HttpResponse:
    person = SignInLink.redeem(token)
    if person is None:
        return _refused(request)
    login(request, person, backend=BACKEND)
    return redirect(settings.LOGIN_REDIRECT_URL)


def _refused(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/sign_in.html", {"form": SignInForm(request), "link_refused": True}, status=403)


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
