"""Actions of the forms on a conversation's page: each answers a form with a page, and htmx with a part of one."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from accounts.access import OWN, WRITE
from accounts.sign_in.portal_frame import wants_fragment
from accounts.storage import texts
from accounts.storage.connections import in_database
from chat.access import notices
from chat.catalogue import UnknownModel
from chat.deletion import marking
from chat.errors import ChatError, NotFound
from chat.models import Conversation
from chat.pages.layout import conversation_of, open_conversation, page, person_of
from chat.pages.missing import framed_when_missing
from chat.runs import asking

LONGEST_TITLE = 200


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@framed_when_missing
async def rename(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """Ask for another name of the conversation; then give it."""
    found = await in_database(conversation_of, await person_of(request), conversation_id, WRITE)
    if request.method == "GET":
        return await _rename_form(request, found)
    found.title = _title(request.POST.get("title", ""))
    if not found.title:
        return await _rename_form(request, found, "Enter a name with visible characters.")
    await found.asave(update_fields=["title"])
    notices.conversation_changed(found)
    if wants_fragment(request):
        return trigger_client_event(_list_changed(HTTPStatus.NO_CONTENT), "done")
    return redirect("chat:conversation", conversation_id)


async def _rename_form(request: HttpRequest, found: Conversation, wrong: str = "") -> HttpResponse:
    shown = {"conversation": found, "wrong": wrong}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    if wants_fragment(request):
        return render(request, "chat/_rename.html", shown, status=status)
    return await page(request, "chat/rename.html", shown, status=status)


def _title(text: str) -> str:
    """Return the text on one line; empty if nothing of it is visible."""
    title = texts.one_line(text)[:LONGEST_TITLE]
    return "" if texts.is_blank(title) else title


@never_cache
@login_required
@require_http_methods(["GET", "POST", "DELETE"])
@framed_when_missing
async def delete(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """Ask whether to delete the conversation; then do it, with a way back for a short time."""
    person = await person_of(request)
    found = await in_database(conversation_of, person, conversation_id, OWN)
    if request.method == "GET":
        return await page(request, "chat/delete.html", {"conversation": found})
    try:
        await marking.mark(person.pk, conversation_id)
    except NotFound as error:  # another request was faster
        raise Http404 from error
    if not wants_fragment(request):
        return redirect("chat:new")
    if open_conversation(request) == conversation_id:
        return HttpResponseClientRedirect(reverse("chat:new"))
    return _list_changed(content=await in_database(render_to_string, "chat/_deleted.html", {"conversation": found}, request))


@login_required
@require_POST
@framed_when_missing
async def restore(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """Bring back a conversation that was deleted just now."""
    person = await person_of(request)
    await marking.restore(person.pk, conversation_id)
    return _list_changed() if wants_fragment(request) else redirect("chat:conversation", conversation_id)


def _list_changed(status: int = HTTPStatus.OK, content: str = "") -> HttpResponse:
    """An answer to htmx after which the page draws its list of conversations anew."""
    return trigger_client_event(HttpResponse(content, status=status), "notice:conversations")


@login_required
@require_POST
@framed_when_missing
async def stop(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """Stop the answer that is being made."""
    return await _run(request, conversation_id, stops=True)


@login_required
@require_POST
@framed_when_missing
async def proceed(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """Go on with an answer that was stopped, failed or interrupted."""
    return await _run(request, conversation_id, stops=False)


async def _run(request: HttpRequest, conversation_id: UUID, *, stops: bool) -> HttpResponseBase:
    person = await person_of(request)
    await in_database(conversation_of, person, conversation_id, WRITE)
    try:
        run_id = UUID(request.POST.get("run", ""))
        if stops:
            await asking.stop(person.pk, run_id)
        else:
            await asking.proceed(person.pk, run_id, model=request.POST.get("model"))
    except (ValueError, NotFound) as error:
        raise Http404 from error
    except (ChatError, UnknownModel) as error:
        await in_database(messages.warning, request, str(error))
    return redirect("chat:conversation", conversation_id)
