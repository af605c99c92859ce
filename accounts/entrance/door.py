"""The one way in for everybody who has shown who they are: past the second factor, into a session with a new key."""

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

from accounts import attempts, throttle, visits
from accounts.entrance import confirmation
from accounts.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
MINUTE = 60
COMING_IN = "accounts.coming_in"  # in the session: what changes with the person's password


def enter(request: HttpRequest, person: User, how: str, *, next_page: str = "") -> HttpResponseBase:
    """Sign the person in, or ask for their second factor first. `next_page` is followed only within this portal."""
    if request.user.is_authenticated:
        logout(request)
    confirmation.note(request, person, how)
    request.session[COMING_IN] = person.get_session_auth_hash()
    login = Login(user=person, email_verification="none", redirect_url=safe(request, next_page) or None)
    response: HttpResponseBase = perform_login(request, login)
    return response


def is_coming_in(request: HttpRequest, person: User | None) -> bool:
    """Whether what the person showed first still counts: they are here, and have not changed their password since."""
    shown = request.session.get(COMING_IN, "")
    return person is not None and person.is_active and constant_time_compare(shown, person.get_session_auth_hash())


def safe(request: HttpRequest, next_page: str) -> str:
    """The address if it is one of this portal; else nothing."""
    hosts = {request.get_host(), urlsplit(settings.PUBLIC_URL).netloc}
    fits = url_has_allowed_host_and_scheme(next_page, hosts, require_https=request.is_secure())
    return next_page if fits else ""


def attempt(request: HttpRequest, what: str, account: str = "", *, is_known_here: bool | None = None) -> throttle.Attempt:
    """Count an attempt before it is checked. Raises TooManyAttempts, RedisError."""
    address = throttle.address_of(request.scope)  # type: ignore[attr-defined]  # ASGI's
    if is_known_here is None:
        is_known_here = bool(account) and visits.is_known(account, address)
    return throttle.attempt(what, address, account, is_known_here=is_known_here)


def counted(door: str) -> Callable[[View[P]], View[P]]:
    """Answer 429 to whoever tried too often, and 503 while nobody can count."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            try:
                return view(request, *args, **kwargs)
            except throttle.TooManyAttempts as error:
                attempts.note(request.scope, "too many attempts", door=door)  # type: ignore[attr-defined]
                return _answer(request, "429.html", 429, {"minutes": -(-error.seconds // MINUTE)}, wait=error.seconds)
            except RedisError:
                return _answer(request, "503.html", 503, {}, wait=5)

        return answered

    return decorate


def _answer(request: HttpRequest, template: str, status: int, context: dict[str, Any], *, wait: int) -> HttpResponseBase:
    response = render(request, template, context, status=status)
    response.headers["Retry-After"] = str(wait)
    return response
