"""What the forms of a conversation's page change. Script does the same through the REST API, without leaving the page."""

import unicodedata
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import texts
from accounts.access import OWN, WRITE
from accounts.connections import in_database
from chat.catalogue import UnknownModel
from chat.deletion.delete import delete as delete_conversation
from chat.errors import ChatError, NotFound
from chat.pages.layout import conversation_of, page, person_of
from chat.pages.missing import framed_when_missing
from chat.runs import asking

LONGEST_TITLE = 200


@login_required
@require_POST
@framed_when_missing
async def rename(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """Give the conversation another name."""
    found = await in_database(conversation_of, await person_of(request), conversation_id, WRITE)
    if title := _title(request.POST.get("title", "")):
        found.title = title
        await found.asave(update_fields=["title"])
    return redirect("chat:conversation", conversation_id)


def _title(text: str) -> str:
    """On one line, without control characters: PostgreSQL takes no NUL. Empty where there is nothing to see."""
    kept = (character for character in text if character.isspace() or unicodedata.category(character) != "Cc")
    title = " ".join("".join(kept).split())[:LONGEST_TITLE]
    return "" if texts.is_blank(title) else title


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@framed_when_missing
async def delete(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """Ask whether to delete the conversation for good; then do it."""
    person = await person_of(request)
    found = await in_database(conversation_of, person, conversation_id, OWN)
    if request.method == "POST":
        await delete_conversation(person.pk, conversation_id)
        return redirect("chat:new")
    return await page(request, "chat/delete.html", {"conversation": found})


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
