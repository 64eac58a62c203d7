"""What is wrong with the head of a request that the parser accepts."""

import re
from collections.abc import Iterable
from functools import lru_cache

import httptools

_LONGEST_HOST = 300
"""A name has at most 253 characters. A longer one is not kept in the cache either."""

_TOO_LONG = f"its Host header is longer than {_LONGEST_HOST} bytes"
_HOST = re.compile(rb"(?:\[[0-9A-Za-z:.%_~-]+\]|[0-9A-Za-z._~%!$&'()*+,;=-]*)(?::[0-9]*)?")


def fault_of_head(version: str, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return what is wrong with the version or the `Host` header of a request (RFC 9112, 2.3 and 3.2)."""
    if not version.startswith("1."):  # a later minor version is one of HTTP/1.1
        return f"HTTP/{version} is not spoken here; send HTTP/1.1"
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1:
        return "it has more than one Host header"
    if hosts:
        return _TOO_LONG if len(hosts[0]) > _LONGEST_HOST else _fault_of_host(hosts[0])
    return None if version == "1.0" else "it has no Host header, which HTTP/1.1 needs"


@lru_cache(maxsize=256)
def _fault_of_host(host: bytes) -> str | None:
    return None if _HOST.fullmatch(host) else "its Host header is not a host with an optional port"


def split_target(target: bytes) -> tuple[bytes, bytes | None]:
    """Return the target of a request without its authority, and the authority if it has one (RFC 9112, 3.2.2).

    Raises:
        httptools.HttpParserInvalidURLError: if it is not a URL.
    """
    if target.startswith(b"/") or target == b"*":
        return target, None
    url = httptools.parse_url(target)
    host = b"[%b]" % url.host if url.host and b":" in url.host else url.host  # the parser removes the brackets
    authority = b"%b:%d" % (host, url.port) if url.port else host
    query = b"?" + url.query if url.query else b""
    return (url.path or b"/") + query, authority
