"""The login flow that all methods share: the second factor, then a session with a new key."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlsplit

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from redis.exceptions import RedisError

from accounts.identity import failed_logins, login_sessions
from accounts.limits import attempts
from accounts.models import User
from accounts.sign_in import recent_login

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
MINUTE = 60
COMING_IN = "accounts.coming_in"  # in the session: a value that changes with the person's password


def enter(request: HttpRequest, person: User, how: str, *, next_page: str = "") -> HttpResponseBase:
    """Sign the person in, or ask for their second factor first. `next_page` is followed only within this portal."""
    if request.user.is_authenticated:
        logout(request)
    recent_login.note(request, person, how)
    request.session[COMING_IN] = person.get_session_auth_hash()
    login = Login(user=person, email_verification="none", redirect_url=safe(request, next_page) or None)
    response: HttpResponseBase = perform_login(request, login)
    return response


def is_coming_in(request: HttpRequest, person: User | None) -> bool:
    """Check that the first factor still counts: the person is active, and their password has not changed since."""
    shown = request.session.get(COMING_IN, "")
    return person is not None and person.is_active and constant_time_compare(shown, person.get_session_auth_hash())


def safe(request: HttpRequest, next_page: str) -> str:
    """Return the address if it belongs to this portal, otherwise an empty string."""
    hosts = {request.get_host(), urlsplit(settings.PUBLIC_URL).netloc}
    fits = url_has_allowed_host_and_scheme(next_page, hosts, require_https=request.is_secure())
    return next_page if fits else ""


def attempt(request: HttpRequest, what: str, account: str = "", *, is_known_here: bool | None = None) -> attempts.Attempt:
    """Count an attempt before it is checked. Raises TooManyAttempts, RedisError."""
    address = attempts.address_of(request.scope)  # type: ignore[attr-defined]  # ASGI's
    if is_known_here is None:
        is_known_here = bool(account) and login_sessions.is_known(account, address)
    return attempts.attempt(what, address, account, is_known_here=is_known_here)


def counted(door: str) -> Callable[[View[P]], View[P]]:
    """Answer 429 after too many attempts, and 503 while they cannot be counted."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            try:
                return view(request, *args, **kwargs)
            except attempts.TooManyAttempts as error:
                failed_logins.note(request.scope, "too many attempts", door=door)  # type: ignore[attr-defined]
                return _answer(request, "429.html", 429, {"minutes": -(-error.seconds // MINUTE)}, wait=error.seconds)
            except RedisError:
                return _answer(request, "503.html", 503, {}, wait=5)

        return answered

    return decorate


def _answer(request: HttpRequest, template: str, status: int, context: dict[str, Any], *, wait: int) -> HttpResponseBase:
    response = render(request, template, context, status=status)
    response.headers["Retry-After"] = str(wait)
    return response
