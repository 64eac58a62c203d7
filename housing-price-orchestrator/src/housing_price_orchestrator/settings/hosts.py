"""Hosts as the settings list them."""

import re
from ipaddress import ip_address

_NAME = re.compile(r"\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")


def check_host(host: str) -> str:
    """Return a host as the settings may list it: a name, ``*.`` and a name, ``*``, or an address.

    Raises:
        ValueError: if it is none.
    """
    if not _NAME.fullmatch(host) and not _is_address(host.removeprefix("[").removesuffix("]")):
        raise ValueError(
            f"{host!r} is not a host: list names such as prices.example.com or *.example.com,"
            " without scheme, port and path"
        )
    return host


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
