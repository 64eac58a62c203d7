"""Headers that tell browsers to do no more with an answer than read it."""

from collections.abc import Mapping

from housing_price_orchestrator.domain import Headers

ASSETS = "/docs/assets"
"""Where the scripts and styles of the documentation pages are."""

_BELOW_ASSETS = f"{ASSETS}/"

_EVERYWHERE: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
_NO_STORE = (b"cache-control", b"no-store")
_NOTHING = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")

OF_REFUSALS: Headers = (*_EVERYWHERE, _NO_STORE, _NOTHING)
"""The headers of an answer to what never became a request."""


class SecurityHeaders:
    """The headers of each answer, by the path that was asked for; they are made once.

    Args:
        policies: the content security policies of pages for people, by path.
        hsts_seconds: how long browsers must use HTTPS; None to say nothing of it.
    """

    def __init__(self, policies: Mapping[str, str], hsts_seconds: int | None) -> None:
        hsts: Headers = ()
        if hsts_seconds:
            hsts = ((b"strict-transport-security", b"max-age=%d; includeSubDomains" % hsts_seconds),)
        self._of_answers: Headers = (*OF_REFUSALS, *hsts)
        self._of_assets: Headers = (*_EVERYWHERE, _NOTHING, (b"cache-control", b"private, no-cache"), *hsts)
        self._of_pages: Mapping[str, Headers] = {
            path: (*_EVERYWHERE, _NO_STORE, (b"content-security-policy", policy.encode()), *hsts)
            for path, policy in policies.items()
        }

    def __call__(self, path: str) -> Headers:
        """The headers of an answer to a request for this path."""
        return self._of_assets if path.startswith(_BELOW_ASSETS) else self._of_pages.get(path, self._of_answers)
