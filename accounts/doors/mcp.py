"""Placeholder at `/mcp` until there are tools: it tells clients where to get a token."""

from django.http import HttpRequest, JsonResponse

from accounts.identity.callers import Caller
from accounts.oauth.endpoints import challenge
from accounts.oauth.resources import MCP


def door(request: HttpRequest) -> JsonResponse:
    """Answer 401 without a valid token (RFC 9728, section 5.1); with one, 404."""
    caller: Caller | None = request.caller  # type: ignore[attr-defined]  # set by PersonMiddleware
    if caller is not None and not caller.is_ambient:
        return _refused("not_found", "This Galaxy does not offer tools yet.", 404)
    error = "invalid_token" if "Authorization" in request.headers else ""
    answer = _refused("not_signed_in", "Send an access token in the Authorization header.", 401)
    answer.headers["WWW-Authenticate"] = challenge.of(MCP, scopes=MCP.scopes[:1], error=error)
    return answer


def _refused(code: str, message: str, status: int) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": message}}, status=status, headers={"Cache-Control": "no-store"})
