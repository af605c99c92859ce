"""Pages of sign-in within the portal's frame, for views that are not async because allauth's parts are not."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import pages
from accounts.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def form_of(page: str) -> Callable[[View[P]], View[P]]:
    """The view takes a form of that page. Whoever only opens its address, as after a sign-in between, is led there."""

    def taking(view: View[P]) -> View[P]:
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def taken(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            return view(request, *args, **kwargs) if request.method == "POST" else redirect(page)

        return taken

    return taking


def framed(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """As `accounts.pages.framed`."""
    section = "data" if request.path.startswith(reverse("accounts:data")) else "security"
    return async_to_sync(pages.framed)(request, template, {"section": section} | context, status=status)


def person_of(request: HttpRequest) -> User:
    """The signed-in person, behind `login_required`."""
    assert isinstance(request.user, User)  # noqa: S101  for the type checker
    return request.user
