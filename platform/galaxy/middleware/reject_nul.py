"""Rejection of the NUL character: PostgreSQL cannot store it, so every view that searches for it would fail."""

import asyncio
from collections.abc import Awaitable, Callable

from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

from galaxy.middleware import error_responses

NUL = "\0"
REFUSAL = "The request contains a NUL character, which cannot be stored."
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class NoNulMiddleware:
    """Refuses NUL wherever a client can send it, except in JSON, whose texts `chat.doors.schemas` checks."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Check the request, then pass it on."""
        if _in_head(request) or await _in_form(request):
            return error_responses.refusal(request, 400, "bad_request", REFUSAL)
        return await self.get_response(request)


def _in_head(request: HttpRequest) -> bool:
    cookies = request.COOKIES.values()  # a quoted cookie may contain anything, also `\000`
    return NUL in request.path or "%00" in request.META["QUERY_STRING"] or any(NUL in value for value in cookies)


async def _in_form(request: HttpRequest) -> bool:
    if request.method != "POST" or request.content_type not in FORMS:
        return False
    fields = await asyncio.to_thread(lambda: request.POST)  # parsing a long form takes a while
    return any(NUL in name or any(NUL in value for value in values) for name, values in fields.lists())
