"""Parsing of addresses, with the parser that the client uses: attackers exploit two parsers that disagree.

Open WebUI's CVE-2026-45400 was such a pair (`urlparse` checked, `requests` connected).
"""

import re
from ipaddress import ip_address
from typing import NamedTuple, Self

from yarl import URL

from accounts.egress.allow_list import NAME
from accounts.egress.errors import BadAddress

LONGEST = 8000  # the minimum of RFC 9110, 4.1; longer addresses carry data out
SCHEMES = {"http": 80, "https": 443}
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # a last label that makes browsers and resolvers read the host as an IPv4 address


class Place(NamedTuple):
    """A host, in lower case and without a trailing dot, and a port."""

    host: str
    port: int

    @classmethod
    def of(cls, host: str, port: int) -> Self:
        """Build a place from any spelling of the host."""
        return cls(host.lower().removesuffix("."), port)


class Origin(NamedTuple):
    """Scheme and place, which together identify a site (RFC 6454)."""

    scheme: str
    place: Place

    def __str__(self) -> str:
        host, port = self.place
        return f"{self.scheme}://[{host}]:{port}" if ":" in host else f"{self.scheme}://{host}:{port}"


def origin_of(url: URL) -> Origin:
    """Return the origin of an address. Raises BadAddress."""
    return origin(url.scheme, url.raw_host or "", url.port)


def origin(scheme: str, host: str, port: int | None) -> Origin:
    """Return the origin of an address in parts, for clients that parse addresses themselves."""
    if scheme not in SCHEMES:
        raise BadAddress("it must start with http:// or https://")
    if port == 0:
        raise BadAddress("port 0 does not exist")
    place = Place.of(host, port or SCHEMES[scheme])
    (_check_ipv6 if ":" in host else _check_name)(place.host)
    return Origin(scheme, place)


def parse(text: str) -> URL:
    """Parse an address and check that its host may be looked up. Raises BadAddress."""
    url = _read(text)
    origin_of(url)
    return url


def follow(url: URL, location: str) -> URL:
    """Resolve the target of a redirect from `url` (RFC 9110, 10.2.2). Raises BadAddress."""
    following = url.join(_read(location))
    origin_of(following)
    return following


def _read(text: str) -> URL:
    # Parsers drop or repair some of these characters, so that another address is called than is shown.
    if not text.isprintable() or " " in text or "\\" in text or len(text) > LONGEST:
        raise BadAddress("it is too long or contains invalid characters")
    try:
        url = URL(text)
    except ValueError:
        raise BadAddress("it is malformed") from None
    authority = re.split(r"[/?#]", text.partition("//")[2], maxsplit=1)[0]
    if "@" in authority or url.raw_user is not None:
        raise BadAddress("it contains a user name or a password")
    if "[" in authority and ":" not in (url.raw_host or ""):  # a form reserved by RFC 3986, 3.2.2
        raise BadAddress("its host is malformed")
    return url


def _check_ipv6(host: str) -> None:
    if "%" in host:
        raise BadAddress("it names a network interface")
    try:
        ip_address(host)
    except ValueError:
        raise BadAddress("its host is malformed") from None


def _check_name(host: str) -> None:
    if not NAME.fullmatch(host):
        raise BadAddress("its host is malformed" if host else "it has no host")
    if NUMBER.fullmatch(host.rpartition(".")[2]):
        try:
            ip_address(host)  # accepts only the form with four decimal numbers
        except ValueError:
            raise BadAddress("its host is a number") from None
