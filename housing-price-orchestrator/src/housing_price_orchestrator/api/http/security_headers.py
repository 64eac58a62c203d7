"""Headers that tell browsers to do nothing with a response but read it."""

from collections.abc import Mapping

from housing_price_orchestrator.domain import Headers

ASSETS = "/docs/assets"
"""The path of the scripts and styles of the documentation pages."""

_BELOW_ASSETS = f"{ASSETS}/"

_EVERYWHERE: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
_NO_STORE = (b"cache-control", b"no-store")
_NOTHING = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")

REJECTION_HEADERS: Headers = (*_EVERYWHERE, _NO_STORE, _NOTHING)
"""The headers of a response to what never became a request."""


def with_policy(headers: Headers, policy: str) -> Headers:
    """Return the headers with another content security policy."""
    name = _NOTHING[0]
    return (*(header for header in headers if header[0] != name), (name, policy.encode()))


class SecurityHeaders:
    """The headers of each response, by the path of the request; they are built once.

    Args:
        policies: the content security policies of the documentation pages, by path.
        hsts_seconds: how long browsers must use HTTPS; None for no such header.
    """

    def __init__(self, policies: Mapping[str, str], hsts_seconds: int | None) -> None:
        hsts: Headers = ()
        if hsts_seconds:
            hsts = ((b"strict-transport-security", b"max-age=%d; includeSubDomains" % hsts_seconds),)
        self._default: Headers = (*REJECTION_HEADERS, *hsts)
        self._assets: Headers = (*_EVERYWHERE, _NOTHING, (b"cache-control", b"private, no-cache"), *hsts)
        self._pages: Mapping[str, Headers] = {
            path: (*_EVERYWHERE, _NO_STORE, (b"content-security-policy", policy.encode()), *hsts)
            for path, policy in policies.items()
        }

    def __call__(self, path: str) -> Headers:
        """The headers of a response to a request for this path."""
        return self._assets if path.startswith(_BELOW_ASSETS) else self._pages.get(path, self._default)
