"""What tokens are issued for (RFC 8707): each token for exactly one of these addresses, and good at no other."""

from typing import NamedTuple

from django.conf import settings

from accounts.scopes import SCOPES

WELL_KNOWN = "/.well-known/oauth-protected-resource"


class Resource(NamedTuple):
    """A door of Galaxy. `scopes` are those that mean something there; who asks for none gets the first."""

    path: str
    words: str
    scopes: tuple[str, ...]
    also_below: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """How clients name it: compared as text, letter by letter."""
        return f"{settings.PUBLIC_URL}{self.path}"

    @property
    def metadata_address(self) -> str:
        """Where its description is (RFC 9728, section 3.1)."""
        return f"{settings.PUBLIC_URL}{WELL_KNOWN}{self.path}"

    def holds(self, path: str) -> bool:
        """Whether a request's path belongs to it."""
        return any(path == root or path.startswith(f"{root}/") for root in (self.path, *self.also_below))


MCP = Resource("/mcp", "Your tools, over MCP", ("tools:list", "tools:call"))
API = Resource("/api", "Your account and your chats, over the API", tuple(SCOPES), also_below=("/ws",))
ALL = (MCP, API)


def named(address: str | None) -> Resource | None:
    """The resource with exactly that address."""
    return next((resource for resource in ALL if resource.address == address), None)


def at(path: str) -> Resource | None:
    """The resource that a request's path belongs to."""
    return next((resource for resource in ALL if resource.holds(path)), None)
