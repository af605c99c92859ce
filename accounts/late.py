"""Pages whose libraries are loaded when somebody first asks for them: in most portals nobody ever does.

Those of passkeys, providers and apps took 9 MB of every web process, and a tenth of a second of every start.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string
from django.views import View


def late(path: str) -> Callable[..., HttpResponseBase]:
    """The view of that name, a function or a class. What a decorator told Django of it must be told here anew."""

    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = import_string(path)
        if isinstance(found, type) and issubclass(found, View):
            found = found.as_view()
        answer: HttpResponseBase = found(request, *args, **kwargs)
        return answer

    return view
