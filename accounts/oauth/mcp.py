"""The door at `/mcp` as long as there is nothing behind it: it says where to get a token, by which clients find their way."""

from django.http import HttpRequest, JsonResponse

from accounts.identity import Caller
from accounts.oauth import challenge
from accounts.oauth.resources import MCP


def door(request: HttpRequest) -> JsonResponse:
    """401 without a token that counts here (RFC 9728, section 5.1); with one, 404."""
    caller: Caller | None = request.caller  # type: ignore[attr-defined]  # set by PersonMiddleware
    if caller is not None and not caller.is_ambient:
        return _refused("not_found", "The tools are not there yet.", 404)
    error = "invalid_token" if "Authorization" in request.headers else ""
    answer = _refused("not_signed_in", "Show a token.", 401)
    answer.headers["WWW-Authenticate"] = challenge.of(MCP, scopes=MCP.scopes[:1], error=error)
    return answer


def _refused(code: str, message: str, status: int) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": message}}, status=status, headers={"Cache-Control": "no-store"})
