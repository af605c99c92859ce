"""The entrance of `/v1`: checks callers, and puts every refusal into OpenAI's shape."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from ninja.errors import HttpError

from accounts.identity import credentials
from accounts.identity.api_auth import Needs
from accounts.identity.callers import Caller
from accounts.oauth.endpoints import challenge
from accounts.oauth.resources import API
from chat.catalogue import UnknownModel
from chat.doors.openai import errors
from chat.doors.openai.errors import Refusal, Refused
from chat.errors import ChatError

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]
READ = "chat:read"
AWAY = "The database does not answer. Try again."
NO_KEY = "No valid access token came with the request. Make one under Settings, Access tokens, and send it as the API key."

_needs = Needs("chat")


def door(method: str) -> Callable[[View], View]:
    """Let in callers who may read chats and, for changes, write them. `Needs` checks what browsers send by themselves."""

    def decorated(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        async def guarded(request: HttpRequest, **names: str) -> HttpResponseBase:
            if request.method != method:
                return Refusal(405, f"Send a {method} request.", "method_not_allowed").response()
            if refused := await _objection(request):
                return refused
            return await _answered(view, request, **names)

        return guarded

    return decorated


async def _answered(view: View, request: HttpRequest, **names: str) -> HttpResponseBase:
    try:
        return await view(request, **names)
    except Refused as error:
        return error.refusal.response()
    except ChatError as error:
        return errors.of_chat(error).response()
    except UnknownModel as error:
        return Refusal(404, str(error), "model_not_found", "model").response()
    except (OperationalError, InterfaceError):
        return Refusal(503, AWAY, "unavailable").response()


async def _objection(request: HttpRequest) -> HttpResponseBase | None:
    """Return the refusal of a caller who may not come in."""
    try:
        person = await _needs(request)
    except HttpError as error:
        return Refusal(error.status_code, error.message, "insufficient_permissions").response()
    if person is None:
        return _not_signed_in(request)
    caller: Caller = request.caller  # type: ignore[attr-defined]  # set by PersonMiddleware
    if not caller.has(READ):
        message = f"This token may not do this. It needs the scope {READ}."
        return Refusal(403, message, "insufficient_permissions").response()
    return None


def _not_signed_in(request: HttpRequest) -> HttpResponseBase:
    words = credentials.unproxied(request.scope) or NO_KEY  # type: ignore[attr-defined]  # every request is an ASGI one
    answer = Refusal(401, words, "invalid_api_key").response()
    shown = "Authorization" in request.headers
    scope = _needs.scope(request.method or "")
    answer.headers["WWW-Authenticate"] = challenge.of(
        API, scopes=[scope] if scope else [], error="invalid_token" if shown else ""
    )
    return answer
