"""Who the client of a request is, by address: the one answer for attempts, audit, sessions and apps that register.

Decided where the request comes in (`accounts.proxy`), while the headers of a proxy are still there; read everywhere else.
"""

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from typing import Any

CLIENT = "galaxy.client"
FORWARDED = b"x-forwarded-for"


def address_of(scope: Mapping[str, Any]) -> str:
    """The address of an ASGI scope's client; empty where it is unknown."""
    return str(scope.get(CLIENT) or peer_of(scope))


def peer_of(scope: Mapping[str, Any]) -> str:
    """The address at the other end of the connection. An IPv4 address in IPv6 clothes is itself."""
    return plain((scope.get("client") or ("",))[0])


def forwarded(headers: Iterable[tuple[bytes, bytes]], is_proxy: Callable[[str], bool]) -> str:
    """For whom a believed proxy speaks: the last address that is not a proxy's own; empty where it names none."""
    said = [value.decode("latin1") for name, value in headers if name.lower() == FORWARDED]
    hops = [plain(_without_port(hop.strip())) for hop in ",".join(said).split(",") if hop.strip()]
    return next((hop for hop in reversed(hops) if not is_proxy(hop)), "")


def _without_port(hop: str) -> str:
    """Some proxies write one: `192.0.2.1:4711`, `[2001:db8::1]:4711`."""
    host, _, port = hop.rpartition(":")
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return host if port.isdigit() and host.count(".") == 3 and ":" not in host else hop  # noqa: PLR2004


def plain(address: str) -> str:
    """The address as it is written everywhere; empty for what is none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
