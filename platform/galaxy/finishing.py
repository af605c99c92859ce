"""What a request began to change is carried to its end, also where its client hangs up meanwhile.

Django cancels the view of a client that is gone (`ASGIHandler.handle`), but not the thread that works for it in the database:
without this, a question would be stored whose reservation is given back, and whose line in the audit is never written.
"""

import asyncio
from collections.abc import Awaitable, Callable

from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

UNCHANGING = frozenset({"GET", "HEAD", "OPTIONS"})


class FinishingMiddleware:
    """The innermost: only the view itself goes on alone."""

    sync_capable, async_capable = False, True

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self._get_response = get_response
        self._under_way: set[asyncio.Future[HttpResponseBase]] = set()  # the loop itself holds tasks weakly
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request."""
        if request.method in UNCHANGING:
            return await self._get_response(request)
        work = asyncio.ensure_future(self._get_response(request))
        self._under_way.add(work)
        work.add_done_callback(self._under_way.discard)
        return await asyncio.shield(work)
