"""Which web pages may call, as Starlette's middleware decides it."""

from collections.abc import Sequence
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

METHODS = ("GET", "POST")
"""Those of the service's own routes."""

FLOW_METHODS = (*METHODS, "PUT", "PATCH", "DELETE")
"""Those that flows may be served with."""

_TAKEN = ("content-type", "idempotency-key", "traceparent", "x-api-key", "x-request-id", "x-request-timeout-ms")
_SHOWN = (
    "idempotency-replayed",
    "ratelimit-limit",
    "ratelimit-policy",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "server-timing",
    "x-execution-id",
    "x-request-id",
)
_PREFLIGHT_SECONDS = 3600


class Cors(CORSMiddleware):
    """Lets pages of these origins call, without cookies, with the methods and headers that are in use.

    Answers a preflight that is not allowed without permission and without an error: the browser refuses the call.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str], methods: Sequence[str] = METHODS) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=methods,
            allow_headers=_TAKEN,
            expose_headers=_SHOWN,
            max_age=_PREFLIGHT_SECONDS,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        allowed = super().preflight_response(request_headers)
        if allowed.status_code == HTTPStatus.OK:
            return allowed
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"vary": "Origin"})
