"""Tells addresses of one's own machine and network from those of the internet, as far as their names show."""

import ipaddress
import urllib.parse

LOCAL_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


def is_local(host: str) -> bool:
    """Tell whether a host is of one's own machine or network."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        name = host.lower().rstrip(".")
        return "." not in name or name.endswith(LOCAL_NAMES)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return f".{host.lower().rstrip('.')}".endswith(".localhost")


def host_of(address: str) -> str:
    """Return the host of a URL; empty if it has none."""
    return urllib.parse.urlsplit(address).hostname or ""


def is_loopback_address(address: str) -> bool:
    """Tell whether a URL leads to this machine."""
    return bool(address) and is_loopback(host_of(address))
