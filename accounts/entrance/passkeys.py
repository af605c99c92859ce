"""At which address passkeys work. A browser keeps each for one name, and only where nobody can listen.

WebAuthn, section 5.1.3: the name must be a domain, so no address of four numbers; a secure context is https, or this machine.
"""

import ipaddress
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest


def name() -> str:
    """The name that passkeys are kept for; empty where there is none."""
    return urlsplit(home()).hostname or ""


def home() -> str:
    """The portal's address at which passkeys work; empty where there is none."""
    public = urlsplit(settings.PUBLIC_URL)
    host = public.hostname or ""
    if _is_loopback(host):
        port = f":{public.port}" if public.port else ""
        return urlunsplit((public.scheme, f"localhost{port}", "", "", ""))
    return settings.PUBLIC_URL if public.scheme == "https" and not _is_number(host) else ""


def problem(request: HttpRequest) -> str:
    """Why passkeys do not work where this request came in; empty where they do. Where else they would, `home` says."""
    if not home():
        return (
            "Passkeys need an address that begins with https:// and has a name. "
            "Whoever runs this server can set one up; until then, use the codes of an authenticator app."
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
