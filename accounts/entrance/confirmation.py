"""Whether it is still the person who came in: asked again before anything that decides about how they come in."""

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

from accounts.entrance import carrying
from accounts.models import User

FRESH_SECONDS = 600
NO_PASSWORD_COOKIE = "galaxy_no_password"  # noqa: S105  the cookie's name: a person does not want one now
NAMES = {"mfa": "code", "webauthn": "passkey", "socialaccount": "provider"}

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def note(request: HttpRequest, person: User, how: str, **detail: Any) -> None:
    """The person has shown something that only they have."""
    record_authentication(request, person, how, **detail)


def how(request: HttpRequest, person: User) -> str:
    """By what the person came in, in words; empty where they were named by somebody trusted."""
    shown = [_name(record) for record in get_authentication_records(request, person)]
    return " and ".join(dict.fromkeys(shown))


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person has shown within ten minutes that it is them. A proxy does with each request; testers need not."""
    caller = getattr(request, "caller", None)
    if caller is not None and caller.via in {"proxy", "test"}:
        return True
    records = get_authentication_records(request, request.user) if request.user.is_authenticated else []
    return bool(records) and time.time() - records[-1]["at"] < FRESH_SECONDS


def ask(request: HttpRequest, *, otherwise: str = "") -> HttpResponseBase:
    """Have the person show that it is them, then go on with what they did; `otherwise`: where a form that is not kept leads."""
    key = carrying.keep(request)
    following = otherwise if otherwise and request.method == "POST" else request.get_full_path()
    asked = reverse("account_reauthenticate")
    return redirect_to_login(following, f"{asked}?{urlencode({'form': key})}" if key else asked)


def asks_for_password(request: HttpRequest) -> bool:
    """Whether the person came in by a link and has nothing to come in by again, nor to show that it is them."""
    if not isinstance(request.user, User) or request.COOKIES.get(NO_PASSWORD_COOKIE):
        return False
    records = get_authentication_records(request, request.user)
    return bool(records) and records[-1]["method"] == "link" and not means(request.user)


def required(view: View[P]) -> View[P]:
    """The view is for a person who is signed in and has just shown that it is them; others do so first."""

    @login_required
    @wraps(view)
    def confirmed(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not is_fresh(request):
            return ask(request, otherwise=reverse("accounts:security"))
        return view(request, *args, **kwargs)

    return confirmed


def means(person: User) -> set[str]:
    """By what the person can show that it is them: of password, code and passkey."""
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
