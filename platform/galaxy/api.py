"""The REST API: one router an app, one authenticator, one shape of error."""

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
from accounts import credentials
from accounts.api import router as accounts_router
from accounts.audit.api import router as audit_router
from accounts.needs import InsufficientScope, Needs, any_caller
from accounts.oauth import challenge
from accounts.oauth.resources import API
from accounts.sealing.api import router as vault_router
from accounts.sealing.errors import Unfit, VaultError
from chat.catalogue import UnknownModel
from chat.doors.api import router as chat_router
from chat.errors import ChatError
from galaxy import refusals
from galaxy.api_description import DescribedAPI
from galaxy.api_docs import Docs

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
    openapi_url=None,  # ninja's own view knows no tokens
)
api.add_router("", accounts_router)
api.add_router("audit", audit_router)
api.add_router("secrets", vault_router)
api.add_router("", chat_router)


@api.get("openapi.json", url_name="openapi-json", include_in_schema=False, auth=any_caller)
def description(request: HttpRequest) -> HttpResponse:
    """The API's description. Not `async`: it takes a while to make, in a thread of its own."""
    return Response(api.description_document)


def _answer(request: HttpRequest, status: int, message: str, *, code: str | None = None, details: Any = None) -> HttpResponse:
    error: dict[str, Any] = {"code": code or CODES.get(status, "error"), "message": message}
    if details is not None:
        error["details"] = details
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
    return _answer(request, 404, refusals.NOWHERE)


@api.exception_handler(SuspiciousOperation)
@api.exception_handler(BadRequest)
@api.exception_handler(MultiPartParserError)
def _unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    return refusals.refusal(request, *refusals.of_request(error))


@api.exception_handler(RawPostDataException)
def _no_json(request: HttpRequest, _: RawPostDataException) -> HttpResponse:
    return _answer(request, 415, "Send JSON, not a form.")


@api.exception_handler(ValidationError)
def _bad_values(request: HttpRequest, error: ValidationError) -> HttpResponse:
    details = [{"at": ".".join(map(str, one.get("loc", ()))), "message": one.get("msg", "is wrong")} for one in error.errors]
    return _answer(request, 422, "Some values are not understood.", code="bad_values", details=details)


@api.exception_handler(ChatError)
def _chat_error(request: HttpRequest, error: ChatError) -> HttpResponse:
    answer = _answer(request, error.http_status, str(error), code=error.code)
    if error.retry_after:
        answer.headers["Retry-After"] = str(math.ceil(error.retry_after))
    return answer


@api.exception_handler(Unfit)
def _unfit(request: HttpRequest, error: Unfit) -> HttpResponse:
    return _answer(request, 422, str(error), code="bad_values")


@api.exception_handler(VaultError)
def _no_vault(request: HttpRequest, error: VaultError) -> HttpResponse:
    logger.error("The vault cannot be used: %s", error)
    return _answer(request, 503, "Secrets cannot be kept at the moment. The operator's log says why.", code="unavailable")


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def _no_database(request: HttpRequest, _: Exception) -> HttpResponse:
    return _answer(request, 503, refusals.AWAY, code="unavailable")


@api.exception_handler(Exception)
def _defect(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("A request failed by a defect.", exc_info=error)
    return _answer(request, 500, refusals.DEFECT, code="internal")


@api.exception_handler(UnknownModel)
def _unknown_model(request: HttpRequest, error: UnknownModel) -> HttpResponse:
    return _answer(request, 422, str(error), code="unknown_model")
