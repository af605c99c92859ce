"""Sign-in that happens on the way in, before any view."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.contrib.auth import SESSION_KEY, login
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase

from accounts import audit, identity
from accounts.audit.actor import nobody
from accounts.connections import in_database
from accounts.models import User
from accounts.people import find_or_make

BACKEND = "django.contrib.auth.backends.ModelBackend"
OPEN_PATHS = ("/healthz", "/readyz")

Next = Callable[[HttpRequest], Awaitable[HttpResponseBase]] | Callable[[HttpRequest], HttpResponseBase]


class PersonMiddleware:
    """Finds out who is signed in before anything else asks, so that no request keeps a database connection for it.

    Django would look it up when first asked, on the request's own thread, and hold that connection until the response ends.
    """

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Look the person up, then hand the request on. A token opens no page: what a page does, only its person may do."""
        request.caller = caller = None  # type: ignore[attr-defined]
        if request.path not in OPEN_PATHS:
            caller = request.caller = await identity.caller_of(request.scope)  # type: ignore[attr-defined]
        person = caller.person if caller and caller.is_ambient else AnonymousUser()
        if caller and caller.via == "proxy":
            await _end_session_of_another(request, caller.person)
        # Where Django's own middleware keeps them (django.contrib.auth.middleware).
        request._cached_user = request._acached_user = person  # type: ignore[attr-defined]  # noqa: SLF001
        with audit.acting(caller.actor(request.scope) if caller else nobody(request.scope)):  # type: ignore[attr-defined]
            response = await self.get_response(request)
        if caller:  # theirs alone, unless a view knows better
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


async def _end_session_of_another(request: HttpRequest, person: User) -> None:
    """The proxy names somebody else than the browser's session does: that session is over."""
    held = await request.session.aget(SESSION_KEY) if settings.SESSION_COOKIE_NAME in request.COOKIES else None
    if held and held != str(person.pk):
        await request.session.aflush()


class TestModeMiddleware:
    """With `TEST_MODE`, everybody who is not signed in is `TEST_EMAIL`. Sockets follow by the session that this makes."""

    async_capable = True
    sync_capable = True
    __test__ = False  # the name is no test's

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Sign the request in, then hand it on."""
        if self._is_async:
            return self._call_async(request)
        if _applies(request):
            _sign_in(request)
        return self.get_response(request)

    async def _call_async(self, request: HttpRequest) -> HttpResponseBase:
        if _applies(request):
            await in_database(_sign_in, request)
        response: HttpResponseBase = await self.get_response(request)  # type: ignore[misc]  # async here
        return response


def _applies(request: HttpRequest) -> bool:
    return settings.TEST_MODE and request.path not in OPEN_PATHS


def _sign_in(request: HttpRequest) -> None:
    if not request.user.is_authenticated:
        login(request, find_or_make(settings.TEST_EMAIL), backend=BACKEND)
