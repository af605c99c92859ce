"""Resources that tokens are issued for (RFC 8707): a token is valid at exactly one of these addresses."""

from typing import NamedTuple

from django.conf import settings

from accounts.oauth.scopes import SCOPES

WELL_KNOWN = "/.well-known/oauth-protected-resource"


class Resource(NamedTuple):
    """An API of Galaxy. `scopes` are those that apply to it; a request without scopes gets the first."""

    path: str
    words: str
    scopes: tuple[str, ...]
    also_below: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """Return the address that clients use; it is compared as text."""
        return f"{settings.PUBLIC_URL}{self.path}"

    @property
    def metadata_address(self) -> str:
        """Return the address of its description (RFC 9728, section 3.1)."""
        return f"{settings.PUBLIC_URL}{WELL_KNOWN}{self.path}"

    def holds(self, path: str) -> bool:
        """Check whether a request's path belongs to it."""
        return any(path == root or path.startswith(f"{root}/") for root in (self.path, *self.also_below))


MCP = Resource("/mcp", "Your tools, over MCP", ("tools:list", "tools:call"))
API = Resource("/api", "Your account and your chats, over the API", tuple(SCOPES), also_below=("/ws", "/tools", "/v1"))
ALL = (MCP, API)


def named(address: str | None) -> Resource | None:
    """Return the resource with exactly that address."""
    return next((resource for resource in ALL if resource.address == address), None)


def at(path: str) -> Resource | None:
    """Return the resource that a request's path belongs to."""
    return next((resource for resource in ALL if resource.holds(path)), None)
