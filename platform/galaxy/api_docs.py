"""The page of the REST API's description, from ninja's own files.

Ninja is no installed app: that would cost every process 15 MB. Left to itself it would then take the page from elsewhere.
"""

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI, Swagger


class Docs(Swagger):
    """Swagger, served from here."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """The page. Changes by cookie need the page's token."""
        self.settings["url"] = self.get_openapi_url(api, kwargs)
        context = {"swagger_settings": json.dumps(self.settings), "api": api, "add_csrf": True}
        return render(request, self.template, context)


@login_required
def page(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    """Ninja's view of it, which it gives up with that of the document."""
    return api.docs.render_page(request, api)
