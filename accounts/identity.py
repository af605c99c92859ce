"""Who is behind a socket or a request: the one place that turns credentials into a person."""

from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, parse_cookie
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
    # A refusal renders a page, which may ask the database: not on the event loop.
    if request.method not in SAFE_METHODS and await sync_to_async(check_csrf)(request) is not None:
        raise HttpError(403, "The CSRF token is missing or wrong. Send it as the header X-CSRFToken.")
    return person


async def person_of_scope(scope: dict[str, Any]) -> UUID | None:
    """The signed-in, active person of a socket's session cookie, as of now: ask again before each action."""
    cookies = [value.decode("latin1") for name, value in scope["headers"] if name == b"cookie"]
    session_key = parse_cookie("; ".join(cookies)).get(settings.SESSION_COOKIE_NAME)
    if not session_key or "\0" in session_key:  # a quoted cookie may hold anything
        return None
    return await in_database(_person_of_session, session_key)


def _person_of_session(session_key: str) -> UUID | None:
    """Django's own check of a session, which also refuses one from before the person's password changed."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    person = get_user(request)
    return person.pk if isinstance(person, User) and person.is_active else None
