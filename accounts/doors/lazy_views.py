"""Views whose libraries are loaded on first use; most portals never use them.

Passkeys, providers and apps took 9 MB of every web process and a tenth of a second of every start.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string
from django.views import View


def late(path: str) -> Callable[..., HttpResponseBase]:
    """Return a view that loads the named one, a function or class. Decorators that mark a view must be applied to this one."""

    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = import_string(path)
        if isinstance(found, type) and issubclass(found, View):
            found = found.as_view()
        answer: HttpResponseBase = found(request, *args, **kwargs)
        return answer

    return view
