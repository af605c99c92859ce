"""The networks that a setting trusts, and a limit on their size."""

import ipaddress
from collections.abc import Iterable

from django.core.exceptions import ImproperlyConfigured

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# Private networks: the operator knows who is in them.
OWN = tuple(
    map(
        ipaddress.ip_network,
        (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "169.254.0.0/16",
            "127.0.0.0/8",
            "::1",
            "fc00::/7",
            "fe80::/10",
        ),
    )
)
# Ten times as many addresses as the largest services of this kind publish.
MOST_PUBLIC = {4: 2**24, 6: 2 ** (128 - 20)}


def trusted(texts: Iterable[str]) -> tuple[Network, ...]:
    """Parse the networks. Raises ImproperlyConfigured for malformed ones, and if they cover too much of the Internet."""
    networks = tuple(map(_network, texts))
    for version, most in MOST_PUBLIC.items():
        public = [network for network in networks if network.version == version and not _is_own(network)]
        together: Iterable[Network] = ipaddress.collapse_addresses(public)  # type: ignore[type-var]  # all of one version
        if sum(each.num_addresses for each in together) > most:
            raise ImproperlyConfigured(
                f"TRUSTED_PROXIES trusts {' and '.join(map(str, public))}: too many strangers have such addresses.  "
                "Name the addresses of your proxy."
            )
    return networks


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"TRUSTED_PROXIES: {text} is not an address or network such as 10.0.0.0/24.") from error


def _is_own(network: Network) -> bool:
    return any(network.version == own.version and network.subnet_of(own) for own in OWN)  # type: ignore[arg-type]
