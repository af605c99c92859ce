"""Parts of pages that draw themselves anew: htmx asks for them when a notice says that something changed."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.people import clock
from accounts.storage.connections import in_database
from chat import access
from chat.models import Conversation
from chat.pages import sidebar
from chat.pages.approvals import approvals as approvals_of
from chat.pages.artifacts import artifacts as artifacts_of
from chat.pages.follow_ups import follow_ups as follow_ups_of
from chat.pages.layout import conversation_of, models_for, open_conversation, person_of


@never_cache
@login_required
@require_GET
async def conversations(request: HttpRequest) -> HttpResponseBase:
    """The sidebar's list as long as `count` says, or the page of it that follows `before`."""

    def draw() -> HttpResponse:
        now, before = clock.now_of(request), request.GET.get("before", "")
        if before:
            listing = sidebar.next_page(person, now, before=before, shown=sidebar.count_of(request.GET.get("shown", "")))
            return render(request, "chat/_rows.html", {"listing": listing})
        listing = sidebar.listing(person, now, count=sidebar.count_of(request.GET.get("count", "")))
        return render(request, "chat/_conversations.html", {"listing": listing, "conversation": _open(request, person)})

    person = await person_of(request)
    return await in_database(draw)


def _open(request: HttpRequest, person: User) -> Conversation | None:
    shown = open_conversation(request)
    return Conversation.objects.visible_to(person).filter(pk=shown).first() if shown else None


@never_cache
@login_required
@require_GET
async def models(request: HttpRequest) -> HttpResponseBase:
    """The model picker, with `model` chosen as long as it is there, and the note that there is none."""
    person = await person_of(request)
    return await in_database(render, request, "chat/_models.html", await models_for(person, request.GET.get("model", "")))


@never_cache
@login_required
@require_GET
async def approvals(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """The decisions that the conversation's answer waits for."""

    def draw() -> HttpResponse:
        found = conversation_of(person, conversation_id)
        shown = {"approvals": approvals_of(found, person), "rights": access.rights(person, found)}
        return render(request, "chat/_approvals.html", shown)

    person = await person_of(request)
    return await in_database(draw)


@never_cache
@login_required
@require_GET
async def follow_ups(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """Follow-up questions below the conversation's last answer."""

    def draw() -> HttpResponse:
        found = conversation_of(person, conversation_id)
        shown = {"follow_ups": follow_ups_of(found), "rights": access.rights(person, found), "conversation": found}
        return render(request, "chat/_follow_ups.html", shown)

    person = await person_of(request)
    return await in_database(draw)


@never_cache
@login_required
@require_GET
async def artifacts(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """Artifacts of the conversation's answers, for the panel beside it."""

    def draw() -> HttpResponse:
        found = conversation_of(person, conversation_id)
        return render(request, "chat/_artifacts.html", {"artifacts": artifacts_of(found)})

    person = await person_of(request)
    return await in_database(draw)
