"""Middleware that finds the signed-in person before any view runs."""

from collections.abc import Awaitable, Callable

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase

from accounts import audit
from accounts.audit.actor import nobody
from accounts.identity import callers
from accounts.models import User

OPEN_PATHS = ("/healthz", "/readyz")


class PersonMiddleware:
    """Finds the signed-in person first, so that no request keeps a database connection for it.

    Django would look them up on first use, on the request's own thread, and keep that connection until the response ends.
    """

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Find the person and pass the request on. A token does not open pages: only a person may use these."""
        request.caller = caller = None  # type: ignore[attr-defined]
        if request.path not in OPEN_PATHS:
            caller = request.caller = await callers.caller_of(request.scope)  # type: ignore[attr-defined]
        person = caller.person if caller and caller.is_ambient else AnonymousUser()
        if caller and caller.via == "proxy":
            await _end_session_of_another(request, caller.person)
        # The attributes that Django's own middleware sets (django.contrib.auth.middleware).
        request._cached_user = request._acached_user = person  # type: ignore[attr-defined]  # noqa: SLF001
        with audit.acting(caller.actor(request.scope) if caller else nobody(request.scope)):  # type: ignore[attr-defined]
            response = await self.get_response(request)
        if caller:  # theirs alone, unless a view knows better
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


async def _end_session_of_another(request: HttpRequest, person: User) -> None:
    """End the browser's session if the proxy names another person."""
    held = await request.session.aget(SESSION_KEY) if settings.SESSION_COOKIE_NAME in request.COOKIES else None
    if held and held != str(person.pk):
        await request.session.aflush()
