"""CORS for the token, revocation and registration endpoints: it admits pages of known browser apps.

None of these endpoints reads a cookie, so pages gain nothing that a program does not have. The code decides what an app may do.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from oauth2_provider.models import Application

from accounts.oauth import redirects

View = Callable[..., HttpResponseBase]
AN_HOUR = "3600"


def for_apps(view: View) -> View:
    """Admit pages of an app that has a redirect address on their site."""
    return _for(view, _is_of_an_app)


def for_registering(view: View) -> View:
    """Admit pages of an app that registers a redirect address on their own site."""
    return _for(view, _is_of_the_new_app)


def _for(view: View, is_known: Callable[[HttpRequest, str], bool]) -> View:
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        origin = request.headers.get("Origin", "")
        is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response = HttpResponse(status=204) if is_preflight else view(request, *args, **kwargs)
        response.headers["Vary"] = "Origin"
        if origin and is_known(request, origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            if is_preflight:
                response.headers["Access-Control-Allow-Methods"] = "POST"
                response.headers["Access-Control-Allow-Headers"] = "Content-Type"
                response.headers["Access-Control-Max-Age"] = AN_HOUR
        return response

    return answered


def _is_of_an_app(request: HttpRequest, origin: str) -> bool:
    """Check for an app with an address of that origin; a preflight names no app, so any app counts."""
    named = {"client_id": request.POST.get("client_id", "")} if request.method == "POST" else {}
    if "\x00" in origin + "".join(named.values()) or redirects.read(origin) is None:
        return False
    found = Application.objects.filter(redirect_uris__contains=origin, **named).values_list("redirect_uris", flat=True)
    return any(_holds(places.split(), origin) for places in found)


def _is_of_the_new_app(request: HttpRequest, origin: str) -> bool:
    if request.method == "OPTIONS":
        return redirects.read(origin) is not None
    try:
        places = orjson.loads(request.body)["redirect_uris"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return False
    return isinstance(places, list) and _holds(filter(lambda place: isinstance(place, str), places), origin)


def _holds(places: Iterable[str], origin: str) -> bool:
    read = map(redirects.read, places)
    return any(place is not None and f"{place.scheme}://{place.place}" == origin for place in read)
