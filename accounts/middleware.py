"""Sign-in that happens on the way in, before any view."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponseBase

from accounts.people import find_or_make

BACKEND = "django.contrib.auth.backends.ModelBackend"
OPEN_PATHS = ("/healthz", "/readyz")

Next = Callable[[HttpRequest], Awaitable[HttpResponseBase]] | Callable[[HttpRequest], HttpResponseBase]


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
            await sync_to_async(_sign_in)(request)
        response: HttpResponseBase = await self.get_response(request)  # type: ignore[misc]  # async here
        return response


def _applies(request: HttpRequest) -> bool:
    return settings.TEST_MODE and request.path not in OPEN_PATHS


def _sign_in(request: HttpRequest) -> None:
    if not request.user.is_authenticated:
        login(request, find_or_make(settings.TEST_EMAIL), backend=BACKEND)
