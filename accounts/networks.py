"""The addresses that a setting trusts, and how many strangers they may hold."""

import ipaddress
from collections.abc import Iterable

from django.core.exceptions import ImproperlyConfigured

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# Own networks: whoever is in them is known to whoever runs them.
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
# All addresses that the largest services of this kind publish are a tenth of it.
MOST_PUBLIC = {4: 2**24, 6: 2 ** (128 - 20)}


def trusted(texts: Iterable[str]) -> tuple[Network, ...]:
    """The networks. Raises ImproperlyConfigured for what is none, and where together they hold too much of the world."""
    networks = tuple(map(_network, texts))
    for version, most in MOST_PUBLIC.items():
        public = [network for network in networks if network.version == version and not _is_own(network)]
        together: Iterable[Network] = ipaddress.collapse_addresses(public)  # type: ignore[type-var]  # all of one version
        if sum(each.num_addresses for each in together) > most:
            raise ImproperlyConfigured(
                f"TRUSTED_PROXIES trusts {' and '.join(map(str, public))}: too many strangers are there. "
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
