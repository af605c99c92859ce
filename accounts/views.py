"""Signing in and out, and the theme: the pages that need nobody signed in."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

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
@require_GET
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in by a link, which works once. It is never followed further, so `next` does not apply."""
    person = SignInLink.redeem(token)
    if person is None:
        return render(request, "accounts/sign_in.html", {"form": SignInForm(request), "link_refused": True}, status=403)
    login(request, person, backend=BACKEND)
    return redirect(settings.LOGIN_REDIRECT_URL)


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
