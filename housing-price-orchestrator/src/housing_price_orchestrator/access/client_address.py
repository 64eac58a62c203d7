"""The address that a request comes from, behind trusted proxies."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Literal

type Network = IPv4Network | IPv6Network
type Address = IPv4Address | IPv6Address
type ForwardedHeader = Literal["x-forwarded-for", "forwarded"]

_FOR = re.compile(r'(?:^|;)\s*for\s*=\s*("[^"]*"|[^\s;"]+)', re.IGNORECASE)
_ELEMENT = re.compile(r'(?:[^,"]|"(?:\\.|[^"\\])*+"|")+')
"""What stands between commas outside quoted strings (RFC 9110, 5.6.4). Unclosed quotes make the search quadratic."""

_MAX_CHARACTERS = 2048
"""Characters at the end of the headers that are searched: enough for all hops that count."""

_PORT = re.compile(r"^(?:\[(?P<six>[^\]]+)\](?::\d+)?|(?P<four>[\d.]+):\d+)$")
_MAX_HOPS = 32
_IPV6_SITE_BITS = 64


class ClientAddresses:
    """Finds the address that a trusted proxy vouches for.

    Each proxy appends the address that called it, so the right-most address that is not a trusted proxy is the
    client's. Everything to its left is whatever the client wrote. Only the header that the proxies set counts: they
    forward the other one unchanged.

    Args:
        trusted: the networks of the proxies; without any, headers are ignored.
        header: the header that they set.
    """

    def __init__(self, trusted: Sequence[Network], header: ForwardedHeader = "x-forwarded-for") -> None:
        self._trusted = trusted
        self._header = header.encode()
        self._elements = _forwarded_for if header == "forwarded" else str.strip

    def client(self, peer: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """The client's address; that of the peer unless a trusted proxy names another."""
        if not self._is_trusted(_address(peer)):
            return peer
        lines = [value.decode("latin-1") for name, value in headers if name == self._header]
        client = peer
        for element in reversed(_ELEMENT.findall(",".join(lines)[-_MAX_CHARACTERS:])[-_MAX_HOPS:]):
            address = _address(self._elements(element))
            if address is None:
                break
            client = str(address)
            if not self._is_trusted(address):
                break
        return client

    def trusts(self, peer: str) -> bool:
        """Whether a connection from this address is a proxy's."""
        return self._is_trusted(_address(peer))

    def _is_trusted(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._trusted)


@lru_cache(maxsize=4096)
def site_of(address: str) -> str:
    """What a rate limit counts as one client: an IPv4 address, or the /64 of an IPv6 host."""
    parsed = _address(address)
    if not isinstance(parsed, IPv6Address):
        return str(parsed or address)
    return str(IPv6Network((parsed, _IPV6_SITE_BITS), strict=False))


def _address(text: str) -> Address | None:
    if ported := _PORT.match(text):
        text = ported["six"] or ported["four"]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _forwarded_for(element: str) -> str:
    found = _FOR.search(element.strip())
    return found[1].strip('"') if found else ""
