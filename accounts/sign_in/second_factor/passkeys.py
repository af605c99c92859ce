"""Addresses where passkeys work. Browsers bind each passkey to a host name, and only on a secure connection.

WebAuthn, section 5.1.3: the name must be a domain, not an IP address; a secure context is https, or this machine.
"""

import ipaddress
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest


def name() -> str:
    """Return the host name that passkeys are bound to; empty if there is none."""
    return urlsplit(home()).hostname or ""


def home() -> str:
    """Return the portal's address where passkeys work; empty if there is none."""
    public = urlsplit(settings.PUBLIC_URL)
    host = public.hostname or ""
    if _is_loopback(host):
        port = f":{public.port}" if public.port else ""
        return urlunsplit((public.scheme, f"localhost{port}", "", "", ""))
    return settings.PUBLIC_URL if public.scheme == "https" and not _is_number(host) else ""


def problem(request: HttpRequest) -> str:
    """Explain why passkeys do not work at this request's address; empty if they do. `home` is the address where they would."""
    if not home():
        return (
            "Passkeys need an address that starts with https:// and has a name. "
            "The operator of this server can set one up. Until then, use an authenticator app."
        )
    if request.get_host().partition(":")[0].lower() != name():
        return "Passkeys do not work at this address: browsers allow them only at https:// with a name, or at http://localhost."
    return ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
