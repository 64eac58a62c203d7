"""Loopback: which addresses mean this machine, and that no proxy stands before them."""

from collections.abc import MutableMapping
from ipaddress import ip_address

_DIRECT = ("localhost", "localhost.", ".localhost", "127.0.0.1", "127.0.0.0/8", "::1")
"""As the clients read it: requests and Go know networks, urllib does not; only requests looks at the trailing dot."""

_VARIABLES = ("no_proxy", "NO_PROXY")
"""Clients differ in which one they prefer, so both get the same value."""


def is_loopback(host: str) -> bool:
    """Return whether only this machine is reached at this address.

    Names are compared as DNS does, without case and with an optional dot at the end. Besides `localhost`, all names
    below it count (RFC 6761). Nothing is looked up. An IPv6 address may be in brackets.
    """
    name = host.strip().lower().removesuffix(".")
    try:
        return ip_address(name.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def bypass_proxies(environment: MutableMapping[str, str]) -> None:
    """Add loopback to `NO_PROXY` and `no_proxy`, and keep what is there, so that no client asks a proxy for it."""
    there = (host.strip() for variable in _VARIABLES for host in environment.get(variable, "").split(","))
    direct = ",".join(dict.fromkeys([*filter(None, there), *_DIRECT]))
    environment.update(dict.fromkeys(_VARIABLES, direct))
