"""Pages of accounts inside the portal's frame, which an app above draws: the settings say which, nothing here knows it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string


async def framed(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The template as a page with the portal's sidebar, for the signed-in person."""
    page = import_string(settings.PORTAL_FRAME)
    response: HttpResponse = await page(request, template, {"is_elsewhere": True, **context}, status=status)
    return response
