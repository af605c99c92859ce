"""Authenticators of the REST API: they check the credential. The person's rights are checked where a thing is used."""

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from ninja.errors import HttpError

from accounts.identity import csrf
from accounts.identity.callers import Caller
from accounts.models import User

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class InsufficientScope(HttpError):
    """The token is valid but lacks the scope."""

    def __init__(self, scope: str) -> None:
        super().__init__(403, f"This token is not allowed to do this. It needs the scope {scope}.")
        self.scope = scope


class Needs:
    """Authenticator for ninja. `Needs("chat")` accepts a session, or a token with `chat:read` (to change: `chat:write`).

    `Needs(None)` accepts no token: for operations that concern tokens and sign-in themselves.
    """

    def __init__(self, area: str | None) -> None:
        self._area = area

    async def __call__(self, request: HttpRequest) -> User | None:
        """Return the caller's person, or None (401). Raises HttpError 403."""
        caller: Caller | None = request.caller  # type: ignore[attr-defined]  # set by PersonMiddleware
        changes = request.method not in SAFE_METHODS
        scope = self.scope(request.method or "")
        if caller is None:
            request.needs = scope  # type: ignore[attr-defined]  # the answer says which token would do
            return None
        if changes and caller.is_ambient and (why := await sync_to_async(csrf.objection)(request)):
            raise HttpError(403, why)
        if scope is None and caller.scopes is not None:
            raise HttpError(403, "Tokens cannot do this. Sign in with a browser.")
        if scope is not None and not caller.has(scope):
            raise InsufficientScope(scope)
        return caller.person

    def scope(self, method: str) -> str | None:
        """Return the scope that a token needs; None if tokens are not accepted."""
        return self._area and f"{self._area}:{'read' if method in SAFE_METHODS else 'write'}"


async def any_caller(request: HttpRequest) -> User | None:
    """Authenticate a session or any token, whatever its scopes; None (401) without either."""
    caller: Caller | None = request.caller  # type: ignore[attr-defined]  # set by PersonMiddleware
    return caller.person if caller else None
