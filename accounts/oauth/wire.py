"""How a Django request is handed to oauthlib, so that nothing that a stranger sends makes it fall over."""

from urllib.parse import urlencode

from django.http import HttpRequest
from oauth2_provider.oauth2_backends import OAuthLibCore


class Wire(OAuthLibCore):  # type: ignore[misc]  # the toolkit has no types
    """Queries are handed on as Django understood them: oauthlib raises ValueError for some that browsers do send (`%zz`)."""

    def _get_escaped_full_path(self, request: HttpRequest) -> str:
        """The one place where the toolkit lets us say what the address is."""
        given = [(name, value) for name, values in request.GET.lists() for value in values]
        return f"{request.path}?{urlencode(given)}" if given else request.path


class AddressOnly(Wire):
    """For the consent page: what is asked stands in its address. A form has no say in it, whatever fields it sends."""

    def extract_body(self, _request: HttpRequest) -> list[tuple[str, str]]:
        """Nothing."""
        return []


def objection(request: HttpRequest) -> str | None:
    """Why what a client posted cannot be meant; None when it can (RFC 6749, 3.2: parameters in the body, each once)."""
    if request.GET:
        return "Parameters belong into the body."
    for name, values in request.POST.lists():
        if len(values) > 1:
            return f"The parameter {name[:40]!r} stands there twice."
        if "\x00" in f"{name}{values[0]}":
            return "NUL is in no parameter."
    return None
