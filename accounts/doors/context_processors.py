"""Values that every page of the portal shows: name, theme, host."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.doors.theme import theme_of
from accounts.sign_in import recent_login
from accounts.sign_in.second_factor import passkeys

SIDEBAR_COOKIE = "galaxy_sidebar"


def portal(request: HttpRequest) -> dict[str, Any]:
    """Context processor for the portal's templates."""
    theme = theme_of(request)
    return {
        "app_name": settings.APP_NAME,
        "theme": theme,
        "other_theme": "dark" if theme == "light" else "light",
        "sidebar_hidden": request.COOKIES.get(SIDEBAR_COOKIE) == "hidden",
        "host": request.get_host(),
        "asks_for_password": lambda: recent_login.asks_for_password(request),
        "passkeys_work": lambda: not passkeys.problem(request),
    }
