"""What is wrong with the head of a request that the parser accepts."""

import re
from collections.abc import Iterable
from functools import lru_cache

VERSIONS = ("1.1", "1.0")

_HOST = re.compile(rb"(?:\[[0-9A-Za-z:.%_~-]+\]|[0-9A-Za-z._~%!$&'()*+,;=-]*)(?::[0-9]*)?")


def fault_of_head(version: str, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return what is wrong with the version or the `Host` header of a request (RFC 9112, 2.3 and 3.2)."""
    if version not in VERSIONS:
        return f"HTTP/{version} is not spoken here; send HTTP/1.1"
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1:
        return "it has more than one Host header"
    if hosts:
        return _fault_of_host(hosts[0])
    return None if version == "1.0" else "it has no Host header, which HTTP/1.1 needs"


@lru_cache(maxsize=256)
def _fault_of_host(host: bytes) -> str | None:
    return None if _HOST.fullmatch(host) else "its Host header is not a host with an optional port"
