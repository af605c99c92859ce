"""What an operation of the REST door needs of its caller's credential. What its person may is asked where the thing is used."""

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from ninja.errors import HttpError

from accounts import forgery
from accounts.identity import Caller
from accounts.models import User

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class InsufficientScope(HttpError):
    """The token is valid, and does not reach so far."""

    def __init__(self, scope: str) -> None:
        super().__init__(403, f"This token may not do this. It needs the scope {scope}.")
        self.scope = scope


class Needs:
    """An authenticator for ninja: `Needs("chat")` takes a session, or a token with `chat:read` (to change: `chat:write`).

    `Needs(None)` takes no token at all: for what decides about tokens and sign-in.
    """

    def __init__(self, area: str | None) -> None:
        self._area = area

    async def __call__(self, request: HttpRequest) -> User | None:
        """The caller's person; None (401) for nobody. Raises HttpError 403."""
        caller: Caller | None = request.caller  # type: ignore[attr-defined]  # set by PersonMiddleware
        changes = request.method not in SAFE_METHODS
        scope = self.scope(request.method or "")
        if caller is None:
            request.needs = scope  # type: ignore[attr-defined]  # the answer says which token would do
            return None
        if changes and caller.is_ambient and (why := await sync_to_async(forgery.objection)(request)):
            raise HttpError(403, f"The CSRF token is missing or wrong. Send it as the header X-CSRFToken. {why}")
        if scope is None and caller.scopes is not None:
            raise HttpError(403, "No token can do this. Sign in.")
        if scope is not None and not caller.has(scope):
            raise InsufficientScope(scope)
        return caller.person

    def scope(self, method: str) -> str | None:
        """The scope that a token needs; None where no token will do."""
        return self._area and f"{self._area}:{'read' if method in SAFE_METHODS else 'write'}"


async def any_caller(request: HttpRequest) -> User | None:
    """An authenticator for ninja that takes a session and every token, whatever its scopes. None (401) for no one."""
    caller: Caller | None = request.caller  # type: ignore[attr-defined]  # set by PersonMiddleware
    return caller.person if caller else None
