"""Adapters that pass a Django request to oauthlib, so that no input makes it fail."""

from urllib.parse import urlencode

from django.http import HttpRequest
from oauth2_provider.oauth2_backends import OAuthLibCore


class Wire(OAuthLibCore):  # type: ignore[misc]  # the toolkit has no types
    """Passes on queries as Django parsed them: oauthlib raises ValueError for some that browsers do send (`%zz`)."""

    def _get_escaped_full_path(self, request: HttpRequest) -> str:
        """Build the address; the toolkit has no other place to set it."""
        given = [(name, value) for name, values in request.GET.lists() for value in values]
        return f"{request.path}?{urlencode(given)}" if given else request.path


class AddressOnly(Wire):
    """Reads the consent page's request from the address alone: fields of the form have no effect on it."""

    def extract_body(self, _request: HttpRequest) -> list[tuple[str, str]]:
        """Return no fields."""
        return []


def objection(request: HttpRequest) -> str | None:
    """Explain what is wrong with a client's POST, or return None (RFC 6749, 3.2: parameters in the body, each once)."""
    if request.GET:
        return "Send the parameters in the body."
    for name, values in request.POST.lists():
        if len(values) > 1:
            return f"The parameter {name[:40]!r} is sent twice."
        if "\x00" in f"{name}{values[0]}":
            return "Parameters must not contain NUL."
    return None
