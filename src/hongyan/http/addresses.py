"""Where a request came from, also behind a reverse proxy."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

LOOPBACK: Final[tuple[Network, ...]] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@lru_cache(maxsize=4096)
def read_address(text: str) -> Address | None:
    """Return the address that a text stands for, a mapped IPv4 one as IPv4; None if it is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_within(address: Address, networks: Sequence[Network]) -> bool:
    """Tell whether an address lies in one of the networks."""
    return any(address in network for network in networks)


def client_address(
    peer: tuple[str, int] | None, fields: Mapping[bytes, bytes], trusted_proxies: Sequence[Network]
) -> Address | None:
    """Return whose request it is; None over a socket without addresses.

    What `X-Forwarded-For` says is believed only as far as trusted proxies wrote it: read from the right, the
    first address that is not one of theirs is the client's.
    """
    address = read_address(peer[0]) if peer is not None else None
    if not trusted_proxies or address is None:
        return address
    hops = fields.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
    while hops and is_within(address, trusted_proxies):
        before = read_address(hops.pop().strip())
        if before is None:
            break
        address = before
    return address
