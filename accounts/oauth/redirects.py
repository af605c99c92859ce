"""Redirect addresses that may receive a code: https, or a program on the person's own computer (RFC 8252, 7.3)."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
OWN_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
READABLE = re.compile(r"[\x21-\x7e]{1,2000}")
IPV6_IN_POLICY = "http:"  # a Content-Security-Policy has no form for IPv6 addresses (CSP3, section 2.3.1)


class Redirect(NamedTuple):
    """The place of a redirect address. The app's own list decides whether the app may use it."""

    scheme: str
    host: str
    port: int | None

    @property
    def is_own_machine(self) -> bool:
        """Check whether it leads to a program on the person's computer."""
        return self.host in OWN_MACHINE

    @property
    def place(self) -> str:
        """Return the place as people read it."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @property
    def source(self) -> str:
        """Return the place as a Content-Security-Policy names it."""
        return IPV6_IN_POLICY if ":" in self.host else f"{self.scheme}://{self.place}"


def read(address: str) -> Redirect | None:
    """Return the place of an allowed redirect address; None for any other."""
    try:
        parts = urlsplit(address)
        found = Redirect(parts.scheme, parts.hostname or "", parts.port)
    except ValueError:
        return None
    if not READABLE.fullmatch(address) or "#" in address or "@" in parts.netloc:
        return None
    is_safe = found.scheme == "https" and HOST.fullmatch(found.host)
    return found if is_safe or (found.scheme == "http" and found.is_own_machine) else None
