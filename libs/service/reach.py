"""How requests reach a service: by which names, and through which proxies. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
"""A program on the service's own machine may call it so."""
HOST = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{1,5})?")
MOST_FORWARDED = 20
"""Addresses that are read of ``X-Forwarded-For``, from its end: more proxies than anybody has."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The names that a service goes by, and the proxies that it believes."""

    hosts: frozenset[str] | None = None
    """Without ports, in small letters; None: any."""
    proxies: tuple[Network, ...] = ()
    """From here, and from nowhere else, ``X-Forwarded-For`` says who asks."""

    def admits(self, host: str) -> bool:
        """Whether ``host``, as a request names it, is one of the service's names."""
        return self.hosts is None or name_of(host) in self.hosts | HERE

    def believes(self, address: Address) -> bool:
        return any(address in network for network in self.proxies)

    def client(self, peer: str, forwarded: Iterable[str]) -> str:
        """The address of who asks: the last that no trusted proxy has, of ``peer`` and the
        ``forwarded`` ones before it. A text that is no address ends the search."""
        found = peer
        for text in [*list(forwarded)[-MOST_FORWARDED:], peer][::-1]:
            address = read_address(text)
            if address is None:
                break
            found = str(address)
            if not self.believes(address):
                break
        return found


ANYHOW = Reach()
"""For tests of pages: any name, no proxy."""


def name_of(host: str) -> str | None:
    """The name in a ``Host`` header, in small letters and without its port; None where there is
    none."""
    found = HOST.fullmatch(host)
    return None if found is None else (found[1] or found[2]).lower()


def read_address(text: str) -> Address | None:
    """The address in ``text``; one of IPv4 that comes in the clothes of IPv6 is plain again."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def read_proxies(text: str) -> tuple[Network, ...]:
    """Addresses and networks, with commas between. Raises ValueError."""
    return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())


def read_hosts(text: str) -> frozenset[str]:
    """Names without ports, with commas between. Raises ValueError."""
    found = [one.strip().lower() for one in text.split(",") if one.strip()]
    for one in found:
        bare = name_of(f"[{one}]" if ":" in one else one)
        if bare != one:
            raise ValueError(f"{one} is no name of a machine; write it without a port")
    return frozenset(found)
