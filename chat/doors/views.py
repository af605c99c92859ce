"""The pages of chat. Every page works as links and forms; script makes it live."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.people import clock
from accounts.storage.connections import in_database
from chat import access
from chat.catalogue import UnknownModel
from chat.errors import ChatError, NotFound
from chat.models import Conversation
from chat.pages import thread
from chat.pages.follow_ups import follow_ups
from chat.pages.layout import conversation_of, page, person_of
from chat.pages.missing import framed_when_missing
from chat.pages.suggestions import suggestions
from chat.runs import asking
from chat.runs.question import parse_question

LONGEST_DRAFT = 2_000  # characters that a link may bring into the composer


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
async def new(request: HttpRequest) -> HttpResponseBase:
    """The page of a new chat; its composer begins one."""
    if request.method == "POST":
        return await _ask(request, None)
    return await _new_page(request)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@framed_when_missing
async def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """A conversation; its composer asks on."""
    found = await in_database(conversation_of, await person_of(request), conversation_id)
    if request.method == "POST":
        return await _ask(request, found)
    return await _conversation_page(request, found)


@never_cache
@login_required
@require_GET
async def messages(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """The turns after a message, as a fragment, for a page that missed them."""

    def draw() -> HttpResponse:
        found = conversation_of(person, conversation_id)
        after = _uuid(request.GET.get("after", ""))
        turns = thread.turns(found, clock.zone_of(request), after=after)
        rights = access.rights(person, found)
        return render(request, "chat/_turns.html", {"conversation": found, "turns": turns, "rights": rights, "person": person})

    person = await person_of(request)
    return await in_database(draw)


@never_cache
@login_required
@require_GET
async def message(request: HttpRequest, conversation_id: UUID, message_id: UUID) -> HttpResponseBase:
    """One turn as a fragment; with `?as=markdown`, as its writer wrote it."""

    def draw() -> HttpResponse:
        found = conversation_of(person, conversation_id)
        turn = thread.turn(found, message_id, clock.zone_of(request))
        if turn is None:
            raise Http404
        if request.GET.get("as") == "markdown":
            return HttpResponse(turn.message.text, content_type="text/plain; charset=utf-8")
        rights = access.rights(person, found)
        shown = {"conversation": found, "turn": turn, "rights": rights, "person": person}
        return render(request, "chat/_turn.html", shown)

    person = await person_of(request)
    return await in_database(draw)


async def _ask(request: HttpRequest, found: Conversation | None) -> HttpResponse:
    """Start an answer and show it. A refusal keeps what was written."""
    person = await person_of(request)
    text, model = request.POST.get("text", ""), request.POST.get("model") or None
    chosen = " ".join(map(str, request.POST.getlist("tools"))).split() if "chooses_tools" in request.POST else None
    asked = {"text": text, "conversation_id": found.pk if found else None, "model": model, "tools": chosen}
    try:
        started = await asking.start(person, parse_question(asked))
    except NotFound as error:
        raise Http404 from error
    except (ChatError, UnknownModel) as error:
        refused: dict[str, Any] = {"refusal": str(error), "draft": text}
        status = getattr(error, "http_status", HTTPStatus.UNPROCESSABLE_ENTITY)
        if found:
            return await _conversation_page(request, found, refused, status)
        return await _new_page(request, refused, status)
    return redirect("chat:conversation", started.conversation_id)


async def _new_page(request: HttpRequest, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    now = clock.now_of(request)
    shown: dict[str, Any] = {"greeting": clock.greeting(now), "draft": _draft(request)}
    shown["suggestions"] = await in_database(suggestions, await person_of(request), now.date())
    return await page(request, "chat/new.html", shown | (context or {}), status=status)


async def _conversation_page(
    request: HttpRequest, found: Conversation, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    turns = await in_database(thread.turns, found, clock.zone_of(request))
    active = next((turn.run for turn in reversed(turns) if turn.is_active), None)
    rights = await in_database(access.rights, await person_of(request), found)
    shown = {"conversation": found, "turns": turns, "active_run": active, "rights": rights, "draft": _draft(request)}
    shown |= context or {}
    shown["follow_ups"] = await in_database(follow_ups, found)
    return await page(request, "chat/conversation.html", shown, model=found.model, status=status)


def _draft(request: HttpRequest) -> str:
    """The question that a link brings into the composer."""
    return request.GET.get("draft", "")[:LONGEST_DRAFT]


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
