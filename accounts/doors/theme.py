"""The theme: chosen by a form and stored in a cookie, so that the first paint already has it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

THEME_COOKIE = "galaxy_theme"
THEMES = ("dark", "light", "system")
YEAR = 365 * 24 * 3600


def theme_of(request: HttpRequest) -> str:
    """Return the chosen theme."""
    chosen = request.COOKIES.get(THEME_COOKIE)
    return chosen if chosen in THEMES else THEMES[0]


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Store the chosen theme and go back; for browsers without JavaScript."""
    back = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = redirect(back if safe else settings.LOGIN_REDIRECT_URL)
    chosen = request.POST.get("theme")
    if chosen in THEMES:
        response.set_cookie(THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response
