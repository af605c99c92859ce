"""Who is behind a socket or a request: the one place that turns credentials into a person."""

from typing import Any
from uuid import UUID

from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import HttpError
from ninja.utils import check_csrf

from accounts.connections import in_database
from accounts.models import User

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


async def person_of_request(request: HttpRequest) -> User | None:
    """The signed-in person of a REST request. Raises HttpError 403 for a change without the session's CSRF token.

    Checked in this order so that nobody signed in is told so (401), not that a token is missing.
    """
    person = await request.auser()
    if not isinstance(person, User) or not person.is_active:
        return None
    if request.method not in SAFE_METHODS and check_csrf(request) is not None:
        raise HttpError(403, "The CSRF token is missing or wrong. Send it as the header X-CSRFToken.")
    return person


def person_of_scope(scope: dict[str, Any]) -> UUID | None:
    """The signed-in, active person of a socket's session cookie."""
    person = scope.get("user")
    return person.pk if person is not None and person.is_authenticated and person.is_active else None


async def still_signed_in(scope: dict[str, Any], person_id: UUID) -> bool:
    """Whether the session that opened the socket still stands and its person may still sign in."""
    return await in_database(_stands, scope["session"].session_key, person_id)


def _stands(session_key: str | None, person_id: UUID) -> bool:
    live = Session.objects.filter(pk=session_key, expire_date__gt=timezone.now()).exists()
    return live and User.objects.filter(pk=person_id, is_active=True).exists()
