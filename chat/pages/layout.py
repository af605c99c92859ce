"""Common parts of the pages of chat: the frame with the sidebar, and rendering off the event loop."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import READ
from accounts.models import User
from accounts.people import clock
from accounts.people.avatar import avatar_of
from accounts.sign_in.portal_frame import page_asking
from accounts.storage.connections import in_database
from chat import access, catalogue
from chat.catalogue import contexts, health
from chat.errors import NotAllowed, NotFound
from chat.models import Conversation
from chat.pages import picker, sidebar, tool_choice


async def person_of(request: HttpRequest) -> User:
    """The signed-in person; the views stand behind `login_required`."""
    person = await request.auser()
    assert isinstance(person, User)  # noqa: S101  what login_required promises, for the type checker
    return person


def conversation_of(person: User, conversation_id: UUID, action: str = READ) -> Conversation:
    """Return the conversation to a person who may do this with it; for a stranger, the page does not exist.

    Raises Http404, and PermissionDenied for those who may only read it.
    """
    try:
        return access.conversation_of(person.pk, conversation_id, action)
    except NotFound as error:
        raise Http404 from error
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error


def open_conversation(request: HttpRequest) -> UUID | None:
    """The conversation on whose page htmx asks."""
    asking = page_asking(request)
    return asking.kwargs["conversation_id"] if asking and asking.view_name == "chat:conversation" else None


async def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, model: str = "", status: int = 200
) -> HttpResponse:
    """A whole page with its sidebar and model picker. Reading and drawing happen on the request's own thread."""
    person = await person_of(request)
    models = await models_for(person, model)

    def draw() -> HttpResponse:
        now, before = clock.now_of(request), request.GET.get("before", "")
        listing = (
            sidebar.listing(person, now, before=before) if before else sidebar.showing(person, now, context.get("conversation"))
        )
        frame = {
            "person": person,
            "avatar": avatar_of(person),
            "listing": listing,
            "undoable": sidebar.undoable(person),
        }
        if "is_elsewhere" not in context:
            frame["tool_choice"] = tool_choice.choice(person, context.get("conversation"))
        with timezone.override(clock.zone_of(request)):  # dates are the person's own
            return render(request, template, frame | models | context, status=status)

    return await in_database(draw)


async def models_for(person: User, wanted: str = "") -> dict[str, Any]:
    """Return the context of the model picker and of the note that there is no model; `wanted` is chosen if allowed."""
    every = await catalogue.models(person.tenant_id)
    usable = await in_database(access.usable, person, every)
    choices = picker.picker(usable, wanted, await health.known(usable), await contexts.known(usable))
    return {
        "picker": choices,
        "none_allowed": choices.is_empty and bool(every),
        "finds_models": settings.ENVIRONMENT.find_models,
    }
