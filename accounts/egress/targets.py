"""Reading addresses, with the one parser that the client also connects by: two parsers disagree, and attackers live there.

Open WebUI's CVE-2026-45400 was such a pair (`urlparse` looked, `requests` connected).
"""

import re
from ipaddress import ip_address
from typing import NamedTuple, Self

from yarl import URL

from accounts.allow_list import NAME
from accounts.egress.errors import BadAddress

LONGEST = 8000  # RFC 9110, 4.1, asks for as much; longer ones carry data out
SCHEMES = {"http": 80, "https": 443}
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # a last label that makes browsers and resolvers read the host as an IPv4 address


class Place(NamedTuple):
    """A host, in lower case and without a dot at its end, and a port."""

    host: str
    port: int

    @classmethod
    def of(cls, host: str, port: int) -> Self:
        """The same place however its name is written."""
        return cls(host.lower().removesuffix("."), port)


class Origin(NamedTuple):
    """Scheme and place: what tells one site from another (RFC 6454)."""

    scheme: str
    place: Place

    def __str__(self) -> str:
        host, port = self.place
        return f"{self.scheme}://[{host}]:{port}" if ":" in host else f"{self.scheme}://{host}:{port}"


def origin_of(url: URL) -> Origin:
    """Where that address leads. Raises BadAddress."""
    return origin(url.scheme, url.raw_host or "", url.port)


def origin(scheme: str, host: str, port: int | None) -> Origin:
    """The same from its parts, for clients that read addresses by themselves."""
    if scheme not in SCHEMES:
        raise BadAddress("only http and https are")
    if port == 0:
        raise BadAddress("there is no port 0")
    place = Place.of(host, port or SCHEMES[scheme])
    (_check_ipv6 if ":" in host else _check_name)(place.host)
    return Origin(scheme, place)


def parse(text: str) -> URL:
    """The address in a text, with a host that may be looked up. Raises BadAddress."""
    url = _read(text)
    origin_of(url)
    return url


def follow(url: URL, location: str) -> URL:
    """Where a redirect from `url` leads (RFC 9110, 10.2.2). Raises BadAddress."""
    following = url.join(_read(location))
    origin_of(following)
    return following


def _read(text: str) -> URL:
    # A parser drops or mends some of these, so that what is shown is not what is called.
    if not text.isprintable() or " " in text or "\\" in text or len(text) > LONGEST:
        raise BadAddress("it is too long, or has characters that no address has")
    try:
        url = URL(text)
    except ValueError:
        raise BadAddress("it is malformed") from None
    authority = re.split(r"[/?#]", text.partition("//")[2], maxsplit=1)[0]
    if "@" in authority or url.raw_user is not None:
        raise BadAddress("it holds a user name or a password")
    if "[" in authority and ":" not in (url.raw_host or ""):  # a form that RFC 3986, 3.2.2, keeps for the future
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
            ip_address(host)  # only the form with four decimal numbers
        except ValueError:
            raise BadAddress("its host is a number") from None
