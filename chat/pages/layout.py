"""What the pages of chat share: the frame with the sidebar, and drawing off the event loop."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import clock
from accounts.access import READ
from accounts.avatar import avatar_of
from accounts.connections import in_database
from accounts.models import User
from chat import access, catalogue
from chat.errors import NotAllowed, NotFound
from chat.models import Conversation
from chat.pages import picker, sidebar


async def person_of(request: HttpRequest) -> User:
    """The signed-in person; the views stand behind `login_required`."""
    person = await request.auser()
    assert isinstance(person, User)  # noqa: S101  what login_required promises, for the type checker
    return person


def conversation_of(person: User, conversation_id: UUID, action: str = READ) -> Conversation:
    """The conversation, for somebody who may do this with it; a stranger's is a page that does not exist.

    Raises Http404, and PermissionDenied for who may only read it.
    """
    try:
        return access.conversation_of(person.pk, conversation_id, action)
    except NotFound as error:
        raise Http404 from error
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error


async def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, model: str = "", status: int = 200
) -> HttpResponse:
    """A whole page with its sidebar and model picker. Reading and drawing happen on the request's own thread."""
    person = await person_of(request)
    every = await catalogue.models()
    models = picker.picker(await in_database(access.usable, person, every), model)

    def draw() -> HttpResponse:
        now, before = clock.now_of(request), request.GET.get("before", "")
        listing = (
            sidebar.listing(person, now, before=before) if before else sidebar.showing(person, now, context.get("conversation"))
        )
        frame = {"person": person, "avatar": avatar_of(person), "listing": listing, "picker": models}
        frame |= {"none_allowed": models.is_empty and bool(every), "finds_models": settings.ENVIRONMENT.find_models}
        with timezone.override(clock.zone_of(request)):  # dates are the person's own
            return render(request, template, frame | context, status=status)

    return await in_database(draw)
