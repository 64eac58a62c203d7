"""Which hosts requests may be for, and which web pages belong to the service. Free of frameworks.

A web page can point its own name at this machine (DNS rebinding): its requests then come with that name as ``Host``.
"""

import re
from collections.abc import Collection, Sequence
from ipaddress import ip_address

from host_environment.loopback import is_loopback

LOOPBACK = "loopback"
"""Stands for every name of this machine itself."""

_AUTHORITY = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^:\[\]@/?#\\\s]+)(?::(?P<port>\d{0,5}))?")
_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#\s]+)")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


class AllowedHosts:
    """The hosts that requests may be for, with any port.

    Args:
        hosts: names or addresses; ``*.example.com`` is every name below it, ``*`` every host, ``LOOPBACK`` those of
            this machine.
    """

    def __init__(self, hosts: Sequence[str]) -> None:
        self._takes_loopback = LOOPBACK in hosts
        names = [_normalize(host) for host in hosts if host != LOOPBACK]
        self._takes_all = "*" in names
        self._names = frozenset(names)
        self._ends = tuple(name[1:] for name in names if name.startswith("*."))

    def allow(self, host: str) -> bool:
        """Whether requests may have this ``Host``."""
        authority = _split(host)
        if self._takes_all or authority is None:
            return self._takes_all
        name, _ = authority
        return name in self._names or name.endswith(self._ends) or (self._takes_loopback and is_loopback(name))


def hosts_of(listening_on: str, allowed: Sequence[str]) -> tuple[str, ...]:
    """Return the hosts that requests may be for where a service listens on this address; none for any.

    Args:
        listening_on: a name or an address.
        allowed: the hosts that the settings list.
    """
    if allowed or not is_loopback(listening_on):
        return tuple(allowed)
    return LOOPBACK, listening_on


def is_address(host: str) -> bool:
    """Whether a ``Host`` is an IP address: no name was looked up for it, so no web page can have chosen it."""
    authority = _split(host)
    try:
        return authority is not None and bool(ip_address(authority[0].strip("[]")))
    except ValueError:
        return False


def is_own_origin(origin: str, host: str | None, allowed: Collection[str] = ()) -> bool:
    """Whether a web page of this origin is the service's own, by the ``Host`` of its request, or is allowed.

    The scheme is not compared: behind a proxy that ends TLS, the service does not know its own.
    """
    if "*" in allowed or origin.lower() in map(str.lower, allowed):
        return True
    found = _ORIGIN.fullmatch(origin.lower())
    if found is None or host is None:
        return False
    default = _DEFAULT_PORTS[found["scheme"]]
    page, service = _split(found["authority"]), _split(host)
    if page is None or service is None:
        return False
    return (page[0], page[1] or default) == (service[0], service[1] or default)


def _normalize(host: str) -> str:
    authority = _split(f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host)
    return authority[0] if authority else host.lower()


def _split(authority: str) -> tuple[str, str | None] | None:
    """Split a host and its port; the name in lower case, without the dot at its end."""
    found = _AUTHORITY.fullmatch(authority.strip().lower())
    if found is None:
        return None
    name = found["name"].removesuffix(".")
    if name.startswith("["):
        try:
            name = f"[{ip_address(name[1:-1])}]"
        except ValueError:
            return None
    return (name, found["port"] or None) if name else None
