"""The page of what is not there, inside the portal's frame: whoever followed an old link goes on from the sidebar."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from chat.pages.layout import page

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], Coroutine[Any, Any, HttpResponseBase]]


def framed_when_missing(view: View[P]) -> View[P]:
    """Show `Http404` of a view behind `login_required` as a page with the sidebar."""

    @wraps(view)
    async def framed(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return await view(request, *args, **kwargs)
        except Http404:
            return await missing(request)

    return framed


async def missing(request: HttpRequest) -> HttpResponse:
    """The page, for who is signed in."""
    return await page(request, "chat/missing.html", {"is_elsewhere": True}, status=404)
