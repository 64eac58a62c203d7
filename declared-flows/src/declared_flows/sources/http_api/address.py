"""The address of an HTTP service, checked."""

import httpx

_FORM = "`https://host:443/path`"


class UnusableAddress(ValueError):
    """It is not an address of an HTTP service; the text is a sentence for people and holds no part of it."""


def address_of(text: str) -> httpx.URL:
    """The address, without a slash at its end.

    Raises:
        UnusableAddress: if it is not an address.
    """
    try:
        url = httpx.URL(text.rstrip("/"))
    except (httpx.InvalidURL, ValueError):
        raise UnusableAddress(f"it is not an address: say {_FORM}") from None
    if url.scheme not in ("http", "https") or not url.host or not text.isprintable():
        raise UnusableAddress(f"it is not an address of an HTTP service: say {_FORM}")
    if url.userinfo:
        raise UnusableAddress("an address holds no user and no password: say `auth: {basic: …}`")
    if url.query or "?" in text:
        raise UnusableAddress("an address has no query: it stands in `query` of each operation")
    if "#" in text:
        raise UnusableAddress("an address has no fragment")
    return url
