"""Addresses of clients: one answer for login attempts, audit, sessions and apps that register.

It is determined on arrival (`accounts.identity.proxy`), while a proxy's headers are still there, and read everywhere else.
"""

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from typing import Any

CLIENT = "galaxy.client"
FORWARDED = b"x-forwarded-for"


def address_of(scope: Mapping[str, Any]) -> str:
    """Return the client's address from an ASGI scope; empty if unknown."""
    return str(scope.get(CLIENT) or peer_of(scope))


def peer_of(scope: Mapping[str, Any]) -> str:
    """Return the address at the other end of the connection; an IPv4-mapped IPv6 address becomes IPv4."""
    return plain((scope.get("client") or ("",))[0])


def forwarded(headers: Iterable[tuple[bytes, bytes]], is_proxy: Callable[[str], bool]) -> str:
    """Return the client a trusted proxy forwards for: the last address that is not a proxy's; empty if there is none."""
    said = [value.decode("latin1") for name, value in headers if name.lower() == FORWARDED]
    hops = [plain(_without_port(hop.strip())) for hop in ",".join(said).split(",") if hop.strip()]
    return next((hop for hop in reversed(hops) if not is_proxy(hop)), "")


def _without_port(hop: str) -> str:
    """Remove the port that some proxies add: `192.0.2.1:4711`, `[2001:db8::1]:4711`."""
    host, _, port = hop.rpartition(":")
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return host if port.isdigit() and host.count(".") == 3 and ":" not in host else hop  # noqa: PLR2004


def plain(address: str) -> str:
    """Return the address in its canonical form; empty if it is invalid."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
