"""Forms of other sites (CSRF): Django's check of the token, and of the page's origin by the one rule that sockets have."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.middleware.csrf import REASON_NO_CSRF_COOKIE, CsrfViewMiddleware
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token

from accounts import origins

NO_COOKIE = "Your browser did not send this site's cookie. Let it keep the cookies of this site, reload the page and try again."
OLD = "Nothing was sent. Go back, reload the page and try again."


class OriginAndToken(CsrfViewMiddleware):
    """Where a browser names the page's origin, that decides; then the token."""

    def _origin_verified(self, request: HttpRequest) -> bool:
        return origins.is_own(request.scope["headers"])  # type: ignore[attr-defined]  # every request is an ASGI one


class _Check(OriginAndToken):
    def _reject(self, _request: HttpRequest, reason: str) -> Any:
        return reason  # for the REST door, which has an answer of its own


def objection(request: HttpRequest) -> str:
    """Why a request of a browser may be another site's doing, in words; empty where it is not."""
    check = _Check(lambda _: HttpResponseForbidden())
    check.process_request(request)
    reason = check.process_view(request, lambda: None, (), {})  # type: ignore[arg-type,return-value]  # never called
    return words(request, str(reason)) if reason else ""


@requires_csrf_token
def refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's `CSRF_FAILURE_VIEW`."""
    why = words(request, reason)
    heading = "This form is out of date" if why == OLD else "This form was refused"
    return render(request, "403_csrf.html", {"words": why, "heading": heading}, status=403)


def words(request: HttpRequest, reason: str) -> str:
    """What was wrong, and what to do."""
    if "Origin" in request.headers and (why := origins.objection(request.scope["headers"])):  # type: ignore[attr-defined]
        return why
    return NO_COOKIE if reason == REASON_NO_CSRF_COOKIE else OLD
