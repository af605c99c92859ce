"""Pages of accounts inside the portal's frame. An upper app renders the frame; the settings name it.

Pages and their fragments share an address: htmx says which of the two it asks for.
"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import timezone
from django.utils.module_loading import import_string
from django_htmx.middleware import HtmxDetails

from accounts.people import clock


async def framed(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render the template inside the portal's frame for the signed-in person."""
    page = import_string(settings.PORTAL_FRAME)
    response: HttpResponse = await page(request, template, {"is_elsewhere": True, **context}, status=status)
    return response


def part_of_page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The template as a part of a page, with dates as the person's own. It asks the database: not for the event loop."""
    with timezone.override(clock.zone_of(request)):
        return render(request, template, context, status=status)


def wants_fragment(request: HttpRequest) -> bool:
    """Tell whether a page's htmx asks, which takes a part of a page; else a whole page, or a redirect, is asked for."""
    return bool(_htmx(request))


def page_asking(request: HttpRequest) -> ResolverMatch | None:
    """The page from which htmx asks, as its address stands in the browser now."""
    try:
        path = _htmx(request).current_url_abs_path
        return resolve(urlsplit(path).path) if path else None
    except (Resolver404, ValueError):  # anyone can send a header that is not an address
        return None


def _htmx(request: HttpRequest) -> HtmxDetails:
    found: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # the middleware has set it
    return found
