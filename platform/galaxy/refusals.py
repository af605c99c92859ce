"""The answer to a request that failed, where no view could give a better one."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

AWAY = "The database does not answer. Try again."
DEFECT = "Galaxy could not do this. The operator's log says why."
RETRY_AFTER = "2"


def server_error(request: HttpRequest) -> HttpResponse:
    """503 while the database is away, 500 for a defect; in the REST door's shape below `/api/`, else as a page."""
    is_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status, code, message = (503, "unavailable", AWAY) if is_away else (500, "internal", DEFECT)
    headers = {"Retry-After": RETRY_AFTER} if is_away else {}
    if request.path.startswith("/api/"):
        return JsonResponse({"error": {"code": code, "message": message}}, status=status, headers=headers)
    return HttpResponse(render_to_string(f"{status}.html"), status=status, headers=headers)
