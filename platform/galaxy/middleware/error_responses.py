"""Answers to failed requests for which no view has a better one.

Below `/api/` they have the form of the REST API, below `/v1/` OpenAI's, elsewhere they are pages.
"""

import sys
from http import HTTPStatus

from asgiref.sync import async_to_sync
from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from chat.doors.openai import errors
from chat.pages.missing import missing

AWAY = "The database does not answer. Try again."
DEFECT = "Galaxy could not do this. The server log says why."
NOWHERE = "Not found."
BAD = "Galaxy does not understand this request."
TOO_MUCH = "The request is too large, or has too many fields."
STRANGE_HOST = "This address does not belong to this Galaxy. The operator can add it to ALLOWED_HOSTS or set PUBLIC_URL to it."
RETRY_AFTER = "2"


def is_for_programs(request: HttpRequest) -> bool:
    """Tell whether the URL answers with JSON."""
    return request.path.startswith(("/api/", "/v1/"))


def _told(request: HttpRequest, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> HttpResponse:
    error = {"error": {"code": code, "message": message}}
    told = errors.body(code, message) if request.path.startswith("/v1/") else error
    return JsonResponse(told, status=status, headers=headers)


def refusal(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    """Answer a request that is refused for its content, with the reason."""
    if is_for_programs(request):
        return _told(request, status, code, message)
    return HttpResponse(render_to_string("400.html", {"message": message}), status=status)


def of_request(error: Exception) -> tuple[int, str, str]:
    """Return status, code and message for a request that Django refuses to read."""
    if isinstance(error, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", TOO_MUCH
    return HTTPStatus.BAD_REQUEST, "bad_request", STRANGE_HOST if isinstance(error, DisallowedHost) else BAD


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer as Django's `handler400`."""
    return refusal(request, *of_request(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  Django gives it
    """Answer as Django's `handler404`. Signed-in people keep the sidebar."""
    if is_for_programs(request):
        return refusal(request, HTTPStatus.NOT_FOUND, "not_found", NOWHERE)
    person = getattr(request, "_cached_user", None)  # set by PersonMiddleware; looking them up would hold a connection
    if person and person.is_authenticated:
        return async_to_sync(missing)(request)
    return render(request, "404.html", status=HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer as Django's `handler500`: 503 while the database is away, 500 for a bug."""
    is_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status, code, message = (503, "unavailable", AWAY) if is_away else (500, "internal", DEFECT)
    headers = {"Retry-After": RETRY_AFTER} if is_away else {}
    if is_for_programs(request):
        return _told(request, status, code, message, headers)
    return HttpResponse(render_to_string(f"{status}.html"), status=status, headers=headers)
