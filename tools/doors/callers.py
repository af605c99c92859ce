"""The caller of a request, as `tools.calls` wants to know them."""

from typing import Any

from django.http import HttpRequest
from ninja.errors import HttpError

from accounts.identity import callers
from accounts.identity.api_auth import Needs
from accounts.people import clock
from accounts.storage.connections import in_database
from tools.calling.caller import Via
from tools.calls import Caller
from tools.errors import CallRefused


class NeedsTools(Needs):
    """Authenticator: a session, or a token with `tools:list` (to call: `tools:call`)."""

    def __init__(self, scope: str) -> None:
        super().__init__("tools")
        self._scope = scope

    def scope(self, _method: str) -> str | None:
        """Return the scope that a token needs."""
        return self._scope


LISTS, CALLS = NeedsTools("tools:list"), NeedsTools("tools:call")


async def caller_of(request: HttpRequest, via: Via) -> Caller:
    """The signed-in person and their token."""
    known: callers.Caller = request.caller  # type: ignore[attr-defined]  # the door has let the caller in
    zone = await in_database(clock.zone_of, request)
    token = known.actor(request.scope).token_id  # type: ignore[attr-defined]  # every request is an ASGI one
    return Caller(person=known.person, via=via, token_id=token, timezone=str(zone))


def as_error(error: CallRefused | HttpError) -> tuple[int, dict[str, Any]]:
    """The status and body of a refusal."""
    if isinstance(error, HttpError):
        return error.status_code, {"error": {"code": "forbidden", "message": str(error)}}
    told: dict[str, Any] = {"code": error.code, "message": str(error)}
    if complaints := getattr(error, "complaints", None):
        told["details"] = [{"message": complaint} for complaint in complaints]
    if call_id := getattr(error, "call_id", None):
        told["call_id"] = call_id
    if retry_after := getattr(error, "retry_after", None):
        told["retry_after"] = retry_after
    return error.status, {"error": told}
