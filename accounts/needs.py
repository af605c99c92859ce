"""What an operation of the REST door needs of its caller's credential. What its person may is asked where the thing is used."""

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.utils import check_csrf

from accounts.identity import Caller
from accounts.models import User

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Needs:
    """An authenticator for ninja: `Needs("chat")` takes a session, or a token with `chat:read` (to change: `chat:write`).

    `Needs(None)` takes no token at all: for what decides about tokens and sign-in.
    """

    def __init__(self, area: str | None) -> None:
        self._area = area

    async def __call__(self, request: HttpRequest) -> User | None:
        """The caller's person; None (401) for nobody. Raises HttpError 403."""
        caller: Caller | None = request.caller  # type: ignore[attr-defined]  # set by PersonMiddleware
        if caller is None:
            return None
        changes = request.method not in SAFE_METHODS
        # A refusal renders a page, which may ask the database: not on the event loop.
        if changes and caller.is_ambient and await sync_to_async(check_csrf)(request) is not None:
            raise HttpError(403, "The CSRF token is missing or wrong. Send it as the header X-CSRFToken.")
        self._check_scope(caller, changes=changes)
        return caller.person

    def _check_scope(self, caller: Caller, *, changes: bool) -> None:
        if self._area is None and caller.scopes is not None:
            raise HttpError(403, "No token can do this. Sign in.")
        needed = f"{self._area}:{'write' if changes else 'read'}"
        if self._area is not None and not caller.has(needed):
            raise HttpError(403, f"This token may not do this. It needs the scope {needed}.")
