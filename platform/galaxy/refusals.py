"""The answer to a request that failed, where no view could give a better one.

Below `/api/` it has the REST door's shape, else it is a page.
"""

import sys
from http import HTTPStatus

from asgiref.sync import async_to_sync
from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from chat.pages.missing import missing

AWAY = "The database does not answer. Try again."
DEFECT = "Galaxy could not do this. The operator's log says why."
NOWHERE = "There is no such thing."
BAD = "Galaxy does not understand this request."
TOO_MUCH = "The request is too large, or has too many fields."
STRANGE_HOST = (
    "This address is not among those of this Galaxy. Its operator can add it: ALLOWED_HOSTS and PUBLIC_URL name them."
)
RETRY_AFTER = "2"


def refusal(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    """A request that is refused for what it holds, with the words why."""
    if request.path.startswith("/api/"):
        return JsonResponse({"error": {"code": code, "message": message}}, status=status)
    return HttpResponse(render_to_string("400.html", {"message": message}), status=status)


def of_request(error: Exception) -> tuple[int, str, str]:
    """Status, code and words for what Django refuses to read."""
    if isinstance(error, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", TOO_MUCH
    return HTTPStatus.BAD_REQUEST, "bad_request", STRANGE_HOST if isinstance(error, DisallowedHost) else BAD


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler400`."""
    return refusal(request, *of_request(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  Django gives it
    """Django's `handler404`. Who is signed in keeps the sidebar."""
    if request.path.startswith("/api/"):
        return refusal(request, HTTPStatus.NOT_FOUND, "not_found", NOWHERE)
    person = getattr(request, "_cached_user", None)  # as accounts.middleware found them; asking would hold a connection
    if person and person.is_authenticated:
        return async_to_sync(missing)(request)
    return render(request, "404.html", status=HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: 503 while the database is away, 500 for a defect."""
    is_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status, code, message = (503, "unavailable", AWAY) if is_away else (500, "internal", DEFECT)
    headers = {"Retry-After": RETRY_AFTER} if is_away else {}
    if request.path.startswith("/api/"):
        return JsonResponse({"error": {"code": code, "message": message}}, status=status, headers=headers)
    return HttpResponse(render_to_string(f"{status}.html"), status=status, headers=headers)
