"""Headers that tell browsers to do no more with an answer than read it."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from housing_price_orchestrator.observability.request_record import request_record

type Headers = tuple[tuple[bytes, bytes], ...]

ASSETS = "/docs/assets"
"""Where the scripts and styles of the documentation pages are."""

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
    """Plain ASGI middleware that gives each answer its headers; they are made once.

    They go into the record of the request, whose log adds them to whatever the answer is, a bug of ours included.

    Args:
        app: the application.
        policies: the content security policies of pages for people, by path.
        hsts_seconds: how long browsers must use HTTPS; None to say nothing of it.
    """

    def __init__(self, app: ASGIApp, policies: Mapping[str, str], hsts_seconds: int | None) -> None:
        self._app = app
        hsts: Headers = ()
        if hsts_seconds:
            hsts = ((b"strict-transport-security", b"max-age=%d; includeSubDomains" % hsts_seconds),)
        self._of_answers: Headers = (*OF_REFUSALS, *hsts)
        self._of_assets: Headers = (*_EVERYWHERE, _NOTHING, (b"cache-control", b"private, max-age=3600"), *hsts)
        self._of_pages: Mapping[str, Headers] = {
            path: (*_EVERYWHERE, _NO_STORE, (b"content-security-policy", policy.encode()), *hsts)
            for path, policy in policies.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = scope["path"]
            headers = self._of_assets if path.startswith(ASSETS) else self._of_pages.get(path, self._of_answers)
            request_record().headers += headers
        await self._app(scope, receive, send)
