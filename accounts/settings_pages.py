"""The settings page: what a person says of themselves, tells every model, lets programs do, and has left."""

import unicodedata
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from redis.exceptions import RedisError

from accounts import connected, limits, once, tokens
from accounts.connections import in_database
from accounts.models import User
from accounts.pages import framed
from accounts.scopes import SCOPES

LONGEST_NAME = 120
LONGEST_INSTRUCTIONS = 4_000
DAYS = (7, 30, 90, 365)

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], Coroutine[Any, Any, HttpResponseBase]]


def _form_of(section: str) -> Callable[[View[P]], View[P]]:
    """The view takes a form of that section. Whoever only opens its address is shown the section.

    The address is the browser's when a form was drawn again, and where it goes after a sign-in that came between.
    """

    def taking(view: View[P]) -> View[P]:
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        async def taken(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            return await view(request, *args, **kwargs) if request.method == "POST" else _to(section)

        return taken

    return taking


@never_cache
@login_required
@require_safe
async def page(request: HttpRequest) -> HttpResponseBase:
    """All settings on one page."""
    return await _page(request)


@login_required
@_form_of("profile")
async def profile(request: HttpRequest) -> HttpResponseBase:
    """Change the name that others see."""
    person = await _person(request)
    person.name = _line(request.POST.get("name", ""))[:LONGEST_NAME]
    await person.asave(update_fields=["name"])
    return await _saved(request, "profile")


@login_required
@_form_of("instructions")
async def instructions(request: HttpRequest) -> HttpResponseBase:
    """Change what every answer of this person starts with."""
    person, text = await _person(request), _text(request.POST.get("instructions", ""))
    if len(text) > LONGEST_INSTRUCTIONS:
        wrong = f"Instructions may have {LONGEST_INSTRUCTIONS:,} characters; these have {len(text):,}."
        return await _page(request, {"wrong_instructions": wrong, "instructions": text}, status=422)
    person.instructions = text
    await person.asave(update_fields=["instructions"])
    return await _saved(request, "instructions")


@never_cache
@login_required
@_form_of("tokens")
async def new_token(request: HttpRequest) -> HttpResponseBase:
    """Make an access token and show it, this once. A reload sends the same form again: it makes no other."""
    person, form = await _person(request), request.POST.get("once", "")
    if not await in_database(once.is_first, person, form):
        return await _saved(request, "tokens", "That token is made already. Its secret was shown once and is not kept.")
    name, wanted, days = request.POST.get("name", ""), request.POST.getlist("scopes"), request.POST.get("days", "")
    ends = timezone.now() + timedelta(days=int(days)) if days in map(str, DAYS) else None
    try:
        token, text = await in_database(tokens.issue, person, _line(name), wanted, ends)
    except tokens.BadToken as error:
        await in_database(once.forget, person, form)
        given = {"wrong_token": str(error), "token_name": name, "token_scopes": wanted}
        return await _page(request, given, status=422)
    return await _page(request, {"made": token, "secret": text})


@login_required
@_form_of("tokens")
async def revoke_token(request: HttpRequest, token_id: UUID) -> HttpResponseBase:
    """End one of the person's tokens."""
    if not await in_database(tokens.revoke, await _person(request), token_id):
        raise Http404
    return await _saved(request, "tokens", "The token is revoked.")


@login_required
@_form_of("apps")
async def disconnect_app(request: HttpRequest) -> HttpResponseBase:
    """Send an app away. Its id is in the form, not in the address: it may be an address itself."""
    if not await in_database(connected.revoke, await _person(request), request.POST.get("client_id", "")):
        raise Http404
    return await _saved(request, "apps", "The app is disconnected.")


async def _page(request: HttpRequest, more: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    person = await _person(request)
    context: dict[str, Any] = {
        "instructions": person.instructions,
        "longest_instructions": LONGEST_INSTRUCTIONS,
        "tokens": await in_database(lambda: list(tokens.of(person))),
        "apps": await in_database(connected.of, person),
        "portal_address": settings.PUBLIC_URL,
        "groups": await in_database(lambda: [group.name for group in person.groups.order_by("name")]),
        "scopes": SCOPES,
        "days": DAYS,
        "soon": timezone.now() + timedelta(days=7),
        "once": once.value(),
        "limits": await _limits(person),
    }
    return await framed(request, "accounts/settings.html", context | (more or {}), status=status)


async def _limits(person: User) -> list[limits.Left] | None:
    """What is left of the person's budgets; None where it cannot be told just now."""
    try:
        return await limits.left(person)
    except RedisError:
        return None


async def _saved(request: HttpRequest, section: str, what: str = "Saved.") -> HttpResponse:
    await in_database(messages.success, request, what)
    return _to(section)


def _to(section: str) -> HttpResponse:
    return redirect(f"{reverse('accounts:settings')}#{section}")


async def _person(request: HttpRequest) -> User:
    person = await request.auser()
    assert isinstance(person, User)  # noqa: S101  what login_required promises, for the type checker
    return person


def _line(text: str) -> str:
    return " ".join(_text(text).split())


def _text(text: str) -> str:
    """Without control characters, of which PostgreSQL takes no NUL and nobody sees the others; line ends stay."""
    return "".join(one for one in text.replace("\r\n", "\n") if one in "\n\t" or unicodedata.category(one) != "Cc").strip()
