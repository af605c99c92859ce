"""Recent-authentication check: before security changes, the person confirms their identity again."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from accounts.sign_in import kept_form

FRESH_SECONDS = 600
NO_PASSWORD_COOKIE = "galaxy_no_password"  # noqa: S105  the cookie's name: a person does not want a password now
NAMES = {"mfa": "code", "webauthn": "passkey", "socialaccount": "provider"}

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def note(request: HttpRequest, person: User, how: str, **detail: Any) -> None:
    """Record that the person has proved their identity."""
    record_authentication(request, person, how, **detail)


def how(request: HttpRequest, person: User) -> str:
    """Say how the person signed in; empty if a trusted proxy or test named them."""
    shown = [_name(record) for record in get_authentication_records(request, person)]
    return " and ".join(dict.fromkeys(shown))


def is_fresh(request: HttpRequest) -> bool:
    """Check that the person proved their identity within ten minutes. A proxy does with each request; testers need not."""
    caller = getattr(request, "caller", None)
    if caller is not None and caller.via in {"proxy", "test"}:
        return True
    records = get_authentication_records(request, request.user) if request.user.is_authenticated else []
    return bool(records) and time.time() - records[-1]["at"] < FRESH_SECONDS


def ask(request: HttpRequest, *, otherwise: str = "") -> HttpResponseBase:
    """Ask for a confirmation, then repeat the interrupted request; `otherwise` is where a form leads that cannot be kept."""
    key = kept_form.keep(request)
    following = otherwise if otherwise and request.method == "POST" else request.get_full_path()
    asked = reverse("account_reauthenticate")
    return redirect_to_login(following, f"{asked}?{urlencode({'form': key})}" if key else asked)


def asks_for_password(request: HttpRequest) -> bool:
    """Check whether the person signed in by a link and has no other method, so that they should set one."""
    if not isinstance(request.user, User) or request.COOKIES.get(NO_PASSWORD_COOKIE):
        return False
    records = get_authentication_records(request, request.user)
    return bool(records) and records[-1]["method"] == "link" and not means(request.user)


def required(view: View[P]) -> View[P]:
    """Require a signed-in person who proved their identity recently; others are asked first."""

    @login_required
    @wraps(view)
    def confirmed(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not is_fresh(request):
            return ask(request, otherwise=reverse("accounts:security"))
        return view(request, *args, **kwargs)

    return confirmed


def means(person: User) -> set[str]:
    """Return the person's methods for confirming their identity: password, code, passkey."""
    kinds = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    found = {"password"} if person.has_usable_password() else set()
    if kinds & {Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES}:
        found.add("code")
    if Authenticator.Type.WEBAUTHN in kinds:
        found.add("passkey")
    return found


def _name(record: dict[str, Any]) -> str:
    kind = record.get("type") if record.get("type") == "webauthn" else record["method"]
    return NAMES.get(str(kind), str(kind))
