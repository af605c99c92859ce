"""Challenge for a client without a suitable token: it says where to get one (RFC 6750, section 3; RFC 9728, section 5.1)."""

from collections.abc import Iterable

from accounts.oauth.resources import Resource


def of(resource: Resource, *, scopes: Iterable[str] = (), error: str = "") -> str:
    """Build the value of `WWW-Authenticate` with the `scopes` that this request needs.

    With 401, `error` is empty (no token was sent) or `invalid_token`; with 403 it is `insufficient_scope`, and clients ask
    their person for more.
    """
    parts = {"resource_metadata": resource.metadata_address, "scope": " ".join(scopes), "error": error}
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in parts.items() if value)
