"""`EGRESS_ALLOW`: the places in your own network that Galaxy may call, as listed by the operator.

It uses neither Django nor HTTP: settings are checked with it before anything else is loaded.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import NamedTuple

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
# host, network, [IPv6] or [IPv6 network], each with or without a port; an IPv6 address has at least two colons.
ENTRY = re.compile(r"(?:\[(?P<braced>[^\[\]]+)\]|(?P<plain>[^:\[\]]+))(?::(?P<port>\d{1,5}))?")
MOST_PORT = 65535


class Entry(NamedTuple):
    """One place: a name or a network, at one port or (None) at any."""

    place: str | Network
    port: int | None


@dataclass(frozen=True)
class AllowList:
    """The listed places. Anything else may be called only at a public address."""

    entries: tuple[Entry, ...] = ()

    def names(self, host: str, port: int) -> bool:
        """Check that the host is listed by name, whatever it resolves to. `host` is in lower case, without a trailing dot."""
        return any(entry.place == host and entry.port in (None, port) for entry in self.entries)

    def holds(self, address: Address, port: int) -> bool:
        """Check that the address is in one of the listed networks."""
        return any(
            not isinstance(entry.place, str) and address in entry.place and entry.port in (None, port) for entry in self.entries
        )


def parse(text: str) -> AllowList:
    """Parse a comma-separated list: `host`, `host:port`, `10.0.0.0/8`, `10.0.0.0/8:443`, `[fd00::/8]:443`, `fd00::/8`.

    Raises ValueError for an entry of another form.
    """
    return AllowList(tuple(_entry(part.strip().lower()) for part in text.split(",") if part.strip()))


def _entry(text: str) -> Entry:
    if text.count(":") > 1 and "[" not in text:
        return Entry(IPv6Network(text), None)
    read = ENTRY.fullmatch(text)
    if read is None:
        raise ValueError(text)
    place: str | Network = IPv6Network(read["braced"]) if read["braced"] else _place(read["plain"].removesuffix("."))
    return Entry(place, _port(read["port"]))


def _place(text: str) -> str | Network:
    if "/" in text or text.rpartition(".")[2].isdigit():  # a name never ends in a number (WHATWG URL, 3.5)
        return ip_network(text)
    if not NAME.fullmatch(text):
        raise ValueError(text)
    return text


def _port(text: str | None) -> int | None:
    if text is None:
        return None
    if not 0 < int(text) <= MOST_PORT:
        raise ValueError(text)
    return int(text)
