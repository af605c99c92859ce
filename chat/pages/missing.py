"""The page for what is not there, inside the portal's frame: after an old link one can go on from the sidebar."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from accounts.sign_in.portal_frame import wants_fragment
from chat.errors import NotFound
from chat.pages.layout import page

GONE = "This chat is no longer here: it was deleted elsewhere, or is no longer shared with you."

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], Coroutine[Any, Any, HttpResponseBase]]


def framed_when_missing(view: View[P]) -> View[P]:
    """Show `Http404` and NotFound of a view behind `login_required` as a page with the sidebar."""

    @wraps(view)
    async def framed(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return await view(request, *args, **kwargs)
        except (Http404, NotFound) as error:  # also of two deletions at once
            return _words(error) if wants_fragment(request) else await missing(request)

    return framed


def _words(error: Exception) -> HttpResponse:
    """Answer htmx in plain text, which it shows as a message."""
    return HttpResponse(str(error) or GONE, status=404, content_type="text/plain; charset=utf-8")


async def missing(request: HttpRequest) -> HttpResponse:
    """The page, for who is signed in."""
    return await page(request, "chat/missing.html", {"is_elsewhere": True}, status=404)
