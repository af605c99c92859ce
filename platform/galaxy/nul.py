"""The character that no text may hold: PostgreSQL does not store it, so that every view which looks for it would fail."""

import asyncio
from collections.abc import Awaitable, Callable

from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

from galaxy import refusals

NUL = "\0"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class NoNulMiddleware:
    """Refuses it wherever a client may put it, but for JSON, whose texts `chat.doors.schemas` looks at."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Look, then hand the request on."""
        if _in_head(request) or await _in_form(request):
            return refusals.refusal(request, 400, "bad_request", "The request holds a NUL character, which cannot be stored.")
        return await self.get_response(request)


def _in_head(request: HttpRequest) -> bool:
    cookies = request.COOKIES.values()  # a quoted one may hold anything, as `\000`
    return NUL in request.path or "%00" in request.META["QUERY_STRING"] or any(NUL in value for value in cookies)


async def _in_form(request: HttpRequest) -> bool:
    if request.method != "POST" or request.content_type not in FORMS:
        return False
    fields = await asyncio.to_thread(lambda: request.POST)  # a long form takes a while to read
    return any(NUL in name or any(NUL in value for value in values) for name, values in fields.lists())
