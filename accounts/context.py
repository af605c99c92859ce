"""What every page of the portal shows: its name, its theme, where it runs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.entrance import confirmation, passkeys

THEME_COOKIE = "galaxy_theme"
SIDEBAR_COOKIE = "galaxy_sidebar"
THEMES = ("dark", "light", "system")


def theme_of(request: HttpRequest) -> str:
    """The chosen theme. It comes by cookie, so that the first paint already has it."""
    chosen = request.COOKIES.get(THEME_COOKIE)
    return chosen if chosen in THEMES else THEMES[0]


def portal(request: HttpRequest) -> dict[str, Any]:
    """The context processor of the portal's templates."""
    theme = theme_of(request)
    return {
        "app_name": settings.APP_NAME,
        "theme": theme,
        "other_theme": "dark" if theme == "light" else "light",
        "sidebar_hidden": request.COOKIES.get(SIDEBAR_COOKIE) == "hidden",
        "host": request.get_host(),
        "asks_for_password": lambda: confirmation.asks_for_password(request),
        "passkeys_work": lambda: not passkeys.problem(request),
    }
