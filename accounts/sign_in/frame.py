"""Sign-in pages within the portal's frame, for views that are synchronous because allauth is."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.sign_in import portal_frame

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def form_of(page: str) -> Callable[[View[P]], View[P]]:
    """Mark a view as taking a form of that page; a GET, as after an interrupting sign-in, leads to the page."""

    def taking(view: View[P]) -> View[P]:
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def taken(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            return view(request, *args, **kwargs) if request.method == "POST" else redirect(page)

        return taken

    return taking


def framed(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render a page; the synchronous form of `accounts.sign_in.portal_frame.framed`."""
    section = "data" if request.path.startswith(reverse("accounts:data")) else "security"
    return async_to_sync(portal_frame.framed)(request, template, {"section": section} | context, status=status)


def person_of(request: HttpRequest) -> User:
    """Return the signed-in person, behind `login_required`."""
    assert isinstance(request.user, User)  # noqa: S101  for the type checker
    return request.user
