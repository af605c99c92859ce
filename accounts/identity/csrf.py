"""Protection against forms of other sites (CSRF): Django's token check, and the origin rule that sockets use, too."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.middleware.csrf import REASON_NO_CSRF_COOKIE, CsrfViewMiddleware
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token

from accounts.identity import origins

NO_COOKIE = "Your browser did not send this site's cookie. Allow cookies for this site, reload the page and try again."
OLD = "Nothing was sent. Go back, reload the page and try again."


class OriginAndToken(CsrfViewMiddleware):
    """Checks the page's origin if the browser sends it, then the token."""

    def _origin_verified(self, request: HttpRequest) -> bool:
        return origins.is_own(request.scope["headers"])  # type: ignore[attr-defined]  # every request is an ASGI one


class _Check(OriginAndToken):
    def _reject(self, _request: HttpRequest, reason: str) -> Any:
        return reason  # for the REST API, which answers in its own form


def objection(request: HttpRequest) -> str:
    """Explain why a browser's request may come from another site; empty if it does not."""
    check = _Check(lambda _: HttpResponseForbidden())
    check.process_request(request)
    reason = check.process_view(request, lambda: None, (), {})  # type: ignore[arg-type,return-value]  # never called
    if not reason:
        return ""
    why = words(request, str(reason))
    return why if _is_foreign(request) else f"The CSRF token is missing or wrong. Send it as the header X-CSRFToken. {why}"


@requires_csrf_token
def refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a refused form; Django's `CSRF_FAILURE_VIEW`."""
    why = words(request, reason)
    heading = "This form is out of date" if why == OLD else "This form was refused"
    return render(request, "403_csrf.html", {"words": why, "heading": heading}, status=403)


def words(request: HttpRequest, reason: str) -> str:
    """Explain the refusal and what to do."""
    return _is_foreign(request) or (NO_COOKIE if reason == REASON_NO_CSRF_COOKIE else OLD)


def _is_foreign(request: HttpRequest) -> str:
    """Reason why the asking page is not one of the portal's; empty when it is, or when the browser names none."""
    return origins.objection(request.scope["headers"]) if "Origin" in request.headers else ""  # type: ignore[attr-defined]
