"""The settings page: a person's name, their instructions to every model, tokens, apps, and what is left of their budgets."""

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

from accounts import limits
from accounts.doors import idempotency
from accounts.identity import tokens
from accounts.models import User
from accounts.oauth import connected_apps
from accounts.oauth.scopes import SCOPES
from accounts.people.avatar import avatar_of
from accounts.sign_in.portal_frame import framed, part_of_page, wants_fragment
from accounts.storage.connections import in_database

LONGEST_NAME = 120
LONGEST_INSTRUCTIONS = 4_000
DAYS = (7, 30, 90, 365)
PROGRAM = """\
from openai import OpenAI

client = OpenAI(base_url="{address}/v1", api_key="your token")
model = client.models.list().data[0].id
answer = client.chat.completions.create(
    model=model,
    messages=[{{"role": "user", "content": "Hello!"}}],
)
print(answer.choices[0].message.content)
"""

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], Coroutine[Any, Any, HttpResponseBase]]


def _form_of(section: str) -> Callable[[View[P]], View[P]]:
    """Mark a view as taking a form of that section; a GET leads to the section.

    The browser asks by GET when it restores a form's page, and after a sign-in that interrupted the form.
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
    """Show all settings on one page."""
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
    """Change the instructions that every answer for this person starts with."""
    person, text = await _person(request), _text(request.POST.get("instructions", ""))
    if len(text) > LONGEST_INSTRUCTIONS:
        wrong = f"Instructions can have up to {LONGEST_INSTRUCTIONS:,} characters. Yours have {len(text):,}: shorten them."
        return await _page(request, {"wrong_instructions": wrong, "instructions": text}, section="instructions", status=422)
    person.instructions = text
    await person.asave(update_fields=["instructions"])
    return await _saved(request, "instructions")


@never_cache
@login_required
@_form_of("tokens")
async def new_token(request: HttpRequest) -> HttpResponseBase:
    """Create an access token and show it once. A reload sends the same form again and creates no second token."""
    person, form = await _person(request), request.POST.get("once", "")
    if not await in_database(idempotency.is_first, person, form):
        return await _saved(request, "tokens", "This token was already created. It was shown once and is not stored.")
    name, wanted, days = request.POST.get("name", ""), request.POST.getlist("scopes"), request.POST.get("days", "")
    ends = timezone.now() + timedelta(days=int(days)) if days in map(str, DAYS) else None
    try:
        token, text = await in_database(tokens.issue, person, _line(name), wanted, ends)
    except tokens.BadToken as error:
        await in_database(idempotency.forget, person, form)
        given = {"wrong_token": str(error), "token_name": name, "token_scopes": wanted}
        return await _page(request, given, section="tokens", status=422)
    return await _page(request, {"made": token, "secret": text}, section="tokens")


@login_required
@_form_of("tokens")
async def revoke_token(request: HttpRequest, token_id: UUID) -> HttpResponseBase:
    """Revoke one of the person's tokens."""
    if not await in_database(tokens.revoke, await _person(request), token_id):
        raise Http404
    return await _saved(request, "tokens", "The token is revoked.")


@login_required
@_form_of("apps")
async def disconnect_app(request: HttpRequest) -> HttpResponseBase:
    """Disconnect an app. Its id may itself be an address, so it is in the form and not in the path."""
    if not await in_database(connected_apps.revoke, await _person(request), request.POST.get("client_id", "")):
        raise Http404
    return await _saved(request, "apps", "The app is disconnected.")


async def _page(
    request: HttpRequest, more: dict[str, Any] | None = None, *, section: str = "", status: int = 200
) -> HttpResponse:
    """The whole page; for htmx, which asked by a form of that section, the section alone."""
    context = await _context(await _person(request)) | (more or {})
    if section and wants_fragment(request):
        context["template"] = f"accounts/_{section}.html"
        return await in_database(part_of_page, request, "accounts/_section.html", context, status)
    return await framed(request, "accounts/settings.html", context, status=status)


async def _context(person: User) -> dict[str, Any]:
    return {
        "person": person,
        "avatar": avatar_of(person),
        "instructions": person.instructions,
        "longest_instructions": LONGEST_INSTRUCTIONS,
        "tokens": await in_database(lambda: list(tokens.of(person))),
        "apps": await in_database(connected_apps.of, person),
        "portal_address": settings.PUBLIC_URL,
        "program": PROGRAM.format(address=settings.PUBLIC_URL),
        "groups": await in_database(lambda: [group.name for group in person.groups.order_by("name")]),
        "scopes": SCOPES,
        "days": DAYS,
        "soon": timezone.now() + timedelta(days=7),
        "once": idempotency.value(),
        "limits": await _limits(person),
    }


async def _limits(person: User) -> list[limits.Left] | None:
    """Return what is left of the person's budgets; None while Redis does not answer."""
    try:
        return await limits.left(person)
    except RedisError:
        return None


async def _saved(request: HttpRequest, section: str, what: str = "Saved.") -> HttpResponse:
    if wants_fragment(request):
        return await _page(request, {"told": what}, section=section)
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
    """Remove control characters, which are invisible (and PostgreSQL refuses NUL); line breaks stay."""
    return "".join(one for one in text.replace("\r\n", "\n") if one in "\n\t" or unicodedata.category(one) != "Cc").strip()
