"""Pages of sign-in within the portal's frame, for views that are not async because allauth's parts are not."""

from typing import Any

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts import pages
from accounts.models import User


def framed(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """As `accounts.pages.framed`."""
    section = "data" if request.path.startswith(reverse("accounts:data")) else "security"
    return async_to_sync(pages.framed)(request, template, {"section": section} | context, status=status)


def person_of(request: HttpRequest) -> User:
    """The signed-in person, behind `login_required`."""
    assert isinstance(request.user, User)  # noqa: S101  for the type checker
    return request.user
