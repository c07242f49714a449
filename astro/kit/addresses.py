"""From which address a request comes, and whether a list of networks has it.

Anybody may send any header. Only what our own proxies added counts: each appends the address that it was asked from at
the right end of `X-Forwarded-For`, so with `settings.PROXIES` of them the client stands that many places from the
right, and without any only the connection itself tells. Every other header (`Forwarded`, `X-Real-IP` and their like) is
never read.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_MAPPED = IPv6Network("::ffff:0:0/96")


def client_address(request: HttpRequest) -> Address | None:
    """None where nobody can tell: fewer hops than proxies, or something that is no address. Let nobody in by that."""
    if settings.PROXIES == 0:
        return read_address(request.META.get("REMOTE_ADDR", ""))
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return read_address(hops[-settings.PROXIES]) if len(hops) >= settings.PROXIES else None


def read_address(text: str) -> Address | None:
    """An address as a proxy writes it, perhaps with a port; one of IPv4 that is dressed as IPv6 counts as IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.scope_id is not None:
        found = IPv6Address(int(found))
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def read_network(text: str) -> Network | None:
    """An address, or a network by CIDR (RFC 4632) such as 203.0.113.0/24; None for what is neither. Bits of a host and
    zones are left out, and what is IPv4 dressed as IPv6 counts as IPv4, as in `read_address`."""
    try:
        found = ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    if isinstance(found, IPv4Network):
        return found
    start = int(found.network_address)
    if found.prefixlen >= _MAPPED.prefixlen and start >> 32 == int(_MAPPED.network_address) >> 32:
        return IPv4Network((start & 0xFFFFFFFF, found.prefixlen - _MAPPED.prefixlen))
    return IPv6Network((start, found.prefixlen))


def is_within(address: Address | None, networks: Iterable[str]) -> bool:
    """Whether one of these networks, as they are stored, has the address."""
    if address is None:
        return False
    found = (read_network(text) for text in networks)
    return any(network is not None and address.version == network.version and address in network for network in found)
