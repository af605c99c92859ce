"""The page that shows the OpenAPI document, from ninja's own files.

Ninja is not an installed app, which would cost every process 15 MB. Its own view would then load the page from elsewhere.
"""

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI, Swagger


class Docs(Swagger):
    """Swagger UI, served from here."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """Render the page. Changes with a session cookie need the page's token."""
        self.settings["url"] = self.get_openapi_url(api, kwargs)
        context = {"swagger_settings": json.dumps(self.settings), "api": api, "add_csrf": True}
        return render(request, self.template, context)


@login_required
def page(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    """Show the page; ninja drops its own view together with that of the document."""
    return api.docs.render_page(request, api)
