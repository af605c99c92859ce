"""The address of a page that a tool shows inside an answer. It is hostile: its policy takes every power from it but drawing."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.storage.connections import in_database
from chat.pages.components import page_of
from chat.pages.layout import conversation_of, person_of

# Sandboxed also where it is opened by itself: it has an origin of its own, reaches no address, and leads nowhere.
POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "font-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)


@never_cache
@login_required
@require_GET
async def component_page(request: HttpRequest, conversation_id: UUID, message_id: UUID, component: str) -> HttpResponse:
    """The page, for who may read the conversation."""

    def found() -> str | None:
        message = conversation_of(person, conversation_id).messages.filter(pk=message_id).first()
        return page_of(message, component) if message else None

    person = await person_of(request)
    html = await in_database(found)
    if html is None:
        raise Http404
    headers = {"Content-Security-Policy": POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return HttpResponse(html, headers=headers)
