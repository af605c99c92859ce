"""The REST API: one router per app, one authenticator, one form of errors."""

import logging
import math
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, RawPostDataException
from django.http.multipartparser import MultiPartParserError
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.responses import Response

import galaxy
from accounts.doors.api import router as accounts_router
from accounts.doors.audit_api import router as audit_router
from accounts.doors.vault_api import router as vault_router
from accounts.identity import credentials
from accounts.identity.api_auth import InsufficientScope, Needs, any_caller
from accounts.oauth.endpoints import challenge
from accounts.oauth.resources import API
from accounts.vault.errors import Unfit, VaultError
from chat.catalogue import UnknownModel
from chat.doors.api import router as chat_router
from chat.doors.usage import router as usage_router
from chat.errors import ChatError
from galaxy.api.description import DescribedAPI
from galaxy.api.docs import Docs
from galaxy.middleware import error_responses
from tools.doors.api import router as tools_router
from tools.doors.callers import as_error
from tools.errors import CallRefused

CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    415: "unsupported_media_type",
    429: "too_many_requests",
}

logger = logging.getLogger(__name__)

api = DescribedAPI(
    title="Galaxy",
    version=galaxy.__version__,
    urls_namespace="api",
    auth=Needs(None),
    servers=[{"url": settings.PUBLIC_URL}],
    docs=Docs(),
    openapi_url=None,  # ninja's own view does not accept tokens
)
api.add_router("", accounts_router)
api.add_router("audit", audit_router)
api.add_router("secrets", vault_router)
api.add_router("", chat_router)
api.add_router("", usage_router)
api.add_router("", tools_router)


@api.get("openapi.json", url_name="openapi-json", include_in_schema=False, auth=any_caller)
def description(request: HttpRequest) -> HttpResponse:
    """Return the API's document. Not `async`: building it takes a while, in a thread of its own."""
    return Response(api.description_document)


def _answer(request: HttpRequest, status: int, message: str, *, code: str | None = None, **more: Any) -> HttpResponse:
    error: dict[str, Any] = {"code": code or CODES.get(status, "error"), "message": message, **more}
    return api.create_response(request, {"error": error}, status=status)


@api.exception_handler(AuthenticationError)
def _not_signed_in(request: HttpRequest, _: AuthenticationError) -> HttpResponse:
    unproxied = credentials.unproxied(request.scope)  # type: ignore[attr-defined]  # every request is an ASGI one
    answer = _answer(request, 401, unproxied or "Sign in first.")
    scopes = [scope] if (scope := getattr(request, "needs", None)) else []
    error = "invalid_token" if "Authorization" in request.headers else ""
    answer.headers["WWW-Authenticate"] = challenge.of(API, scopes=scopes, error=error)
    return answer


@api.exception_handler(InsufficientScope)
def _insufficient_scope(request: HttpRequest, error: InsufficientScope) -> HttpResponse:
    answer = _answer(request, 403, error.message)
    answer.headers["WWW-Authenticate"] = challenge.of(API, scopes=[error.scope], error="insufficient_scope")
    return answer


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return _answer(request, error.status_code, error.message)


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, _: Http404) -> HttpResponse:
    return _answer(request, 404, error_responses.NOWHERE)


@api.exception_handler(SuspiciousOperation)
@api.exception_handler(BadRequest)
@api.exception_handler(MultiPartParserError)
def _unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    return error_responses.refusal(request, *error_responses.of_request(error))


@api.exception_handler(RawPostDataException)
def _no_json(request: HttpRequest, _: RawPostDataException) -> HttpResponse:
    return _answer(request, 415, "Send JSON, not a form.")


@api.exception_handler(ValidationError)
def _bad_values(request: HttpRequest, error: ValidationError) -> HttpResponse:
    details = [
        {"at": ".".join(map(str, one.get("loc", ()))), "message": one.get("msg", "is not valid")} for one in error.errors
    ]
    return _answer(request, 422, "Some values are not valid.", code="bad_values", details=details)


@api.exception_handler(ChatError)
def _chat_error(request: HttpRequest, error: ChatError) -> HttpResponse:
    more = {"retryable": True} if error.retryable else {}
    answer = _answer(request, error.http_status, str(error), code=error.code, **more)
    if error.retry_after:
        answer.headers["Retry-After"] = str(math.ceil(error.retry_after))
    return answer


@api.exception_handler(Unfit)
def _unfit(request: HttpRequest, error: Unfit) -> HttpResponse:
    return _answer(request, 422, str(error), code="bad_values")


@api.exception_handler(VaultError)
def _no_vault(request: HttpRequest, error: VaultError) -> HttpResponse:
    logger.error("The vault cannot be used: %s", error)
    return _answer(request, 503, "Secrets cannot be stored at the moment. The server log says why.", code="unavailable")


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def _no_database(request: HttpRequest, _: Exception) -> HttpResponse:
    return _answer(request, 503, error_responses.AWAY, code="unavailable")


@api.exception_handler(Exception)
def _defect(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("A request failed with a bug.", exc_info=error)
    return _answer(request, 500, error_responses.DEFECT, code="internal")


@api.exception_handler(CallRefused)
def _call_refused(request: HttpRequest, error: CallRefused) -> HttpResponse:
    status, told = as_error(error)
    answer = api.create_response(request, told, status=status)
    if retry_after := told["error"].get("retry_after"):
        answer.headers["Retry-After"] = str(math.ceil(retry_after))
    return answer


@api.exception_handler(UnknownModel)
def _unknown_model(request: HttpRequest, error: UnknownModel) -> HttpResponse:
    return _answer(request, 422, str(error), code="unknown_model")
