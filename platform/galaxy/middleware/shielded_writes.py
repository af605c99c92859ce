"""Shields writing requests: they finish even if their client hangs up.

Django cancels the view of a client that left (`ASGIHandler.handle`), but not the thread that does its database work. Otherwise
a question could be stored whose reservation is released and whose audit entry is never written.
"""

import asyncio
from collections.abc import Awaitable, Callable

from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

UNCHANGING = frozenset({"GET", "HEAD", "OPTIONS"})


class FinishingMiddleware:
    """Runs innermost, so that only the view itself continues."""

    sync_capable, async_capable = False, True

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self._get_response = get_response
        self._under_way: set[asyncio.Future[HttpResponseBase]] = set()  # the loop keeps only weak references
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request."""
        if request.method in UNCHANGING:
            return await self._get_response(request)
        # For a view that waits for long, and can stop when its client is gone.
        hung_up = request.hung_up = asyncio.Event()  # type: ignore[attr-defined]
        work = asyncio.ensure_future(self._get_response(request))
        self._under_way.add(work)
        work.add_done_callback(self._under_way.discard)
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            hung_up.set()
            raise
