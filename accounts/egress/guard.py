"""The guard: it decides, at each lookup of a host, whether the host may be called."""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from typing import NoReturn, Protocol

from accounts.egress import addresses
from accounts.egress.allow_list import Address, AllowList
from accounts.egress.errors import Forbidden, Unreachable
from accounts.egress.targets import Place

# Ports of other protocols that accept HTTP as commands: https://fetch.spec.whatwg.org/#port-blocking, as in browsers.
CLOSED_PORTS = frozenset((
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113,
    115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556,
    563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667,
    6668, 6669, 6679, 6697, 10080,
))  # fmt: skip


class Resolve(Protocol):
    """Returns at least one address of a host. Raises OSError if there is none."""

    async def __call__(self, host: str, port: int) -> list[str]: ...  # noqa: D102


async def by_system(host: str, port: int) -> list[str]:
    """Resolve as every program on this machine does: hosts file, then DNS."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


@dataclass(frozen=True)
class Guard:
    """Allows everything public, what the operator's list names, and places that the operator configured."""

    allowed: AllowList
    trusted: frozenset[Place] = frozenset()
    resolve: Resolve = by_system

    async def addresses(self, host: str, port: int) -> list[str]:
        """Resolve a host to addresses that are all allowed. Raises Forbidden if one of them is not; raises Unreachable.

        One forbidden address among good ones is enough: such answers are made for clients that look up twice (DNS rebinding).
        """
        place = Place.of(host, port)
        if _is_address(place.host):
            self._check(place, place.host)
            return [place.host]
        try:
            found = await self.resolve(host, port)
        except (OSError, UnicodeError):  # the codec of names refuses some that our pattern accepts
            raise Unreachable("There is no host with this name.") from None
        for text in found:
            self._check(place, text)
        return found

    def check_literal(self, place: Place) -> None:
        """Check a host that is itself an address: clients connect to it without a resolver."""
        if _is_address(place.host):
            self._check(place, place.host)

    def _check(self, place: Place, text: str) -> None:
        address = addresses.plain(text)
        if place in self.trusted or self.allowed.holds(address, place.port):
            return
        # A name that the operator listed must still not lead to the cloud's key service.
        if self.allowed.names(place.host, place.port) and address not in addresses.METADATA:
            return
        _check_public(address, place.port)


def _check_public(address: Address, port: int) -> None:
    if not addresses.is_public(address):
        _refuse("This address is in a private network, which Galaxy may not call.")
    if port in CLOSED_PORTS:
        _refuse(f"Port {port} belongs to another protocol, and Galaxy may not call it.")


def _refuse(why: str) -> NoReturn:
    raise Forbidden(f"{why} The operator can allow it with EGRESS_ALLOW.")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
