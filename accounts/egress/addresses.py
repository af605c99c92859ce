"""Internet addresses: which of them are public, and which lead into a private network.

The tables are our own because Python's `is_global` changed within 3.11 and 3.12. Sources: the IANA special-purpose registries
for IPv4 and IPv6 (RFC 6890 and its updates), as of 2025.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from accounts.egress.allow_list import Address

NOT_PUBLIC_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this host
            "10.0.0.0/8",
            "100.64.0.0/10",  # carrier-grade NAT (RFC 6598); Alibaba's metadata
            "127.0.0.0/8",
            "169.254.0.0/16",  # link-local; the metadata of most clouds
            "172.16.0.0/12",
            "192.0.0.0/24",  # protocol assignments; Oracle's metadata
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # relays of 6to4, deprecated (RFC 7526)
            "192.168.0.0/16",
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)
PUBLIC_6 = IPv6Network("2000::/3")  # all allocated addresses; outside are loopback, link-local, fc00::/7, multicast
NOT_PUBLIC_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, including Teredo, which embeds an IPv4 address
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4, which embeds an IPv4 address; deprecated (RFC 7526)
            "3fff::/20",  # documentation
        ),
    )
)
# IPv6 addresses that embed an IPv4 address: mapped (RFC 4291, 2.5.5), compatible (the same, deprecated), and NAT64 (RFC 6052),
# through which a network without IPv4 reaches the rest of the world, so that these must work.
DISGUISES = tuple(map(IPv6Network, ("::ffff:0:0/96", "::/96", "64:ff9b::/96")))
# Addresses where a cloud gives a machine its keys. Most are link-local; the first is an ordinary one (Azure's WireServer).
METADATA: frozenset[Address] = frozenset(
    map(
        ip_address,
        (
            "168.63.129.16",
            "169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "192.0.0.192",
            "fd00:ec2::254",
            "fd20:ce::254",
        ),
    )
)


def plain(text: str) -> Address:
    """Parse an address; an embedded IPv4 one is unwrapped. Raises ValueError (also for `127.1`, RFC 6943, 3.1.1)."""
    address = ip_address(text)
    if isinstance(address, IPv6Address) and any(address in disguise for disguise in DISGUISES):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Check that the address is public: calling it gives no one access to a private network."""
    if address in METADATA:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC_4)
    return address in PUBLIC_6 and not any(address in network for network in NOT_PUBLIC_6)
