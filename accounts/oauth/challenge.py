"""What a door says to a client without a fitting token: where to get one (RFC 6750, section 3; RFC 9728, section 5.1)."""

from collections.abc import Iterable

from accounts.oauth.resources import Resource


def of(resource: Resource, *, scopes: Iterable[str] = (), error: str = "") -> str:
    """The value of `WWW-Authenticate`. `scopes` are those that this request needs; `error` is empty where no token was shown.

    With 401: no error, or `invalid_token`. With 403: `insufficient_scope`, upon which clients ask their person for more.
    """
    parts = {"resource_metadata": resource.metadata_address, "scope": " ".join(scopes), "error": error}
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in parts.items() if value)
