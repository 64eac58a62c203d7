"""CORS: which web pages may call the service. A subclass of Starlette's middleware."""

from collections.abc import Sequence
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

METHODS = ("GET", "POST")
"""The methods of the service's own routes."""

FLOW_METHODS = (*METHODS, "PUT", "PATCH", "DELETE")
"""The methods that flows may use."""

_ALLOWED_HEADERS = (
    "content-type",
    "idempotency-key",
    "traceparent",
    "x-api-key",
    "x-request-id",
    "x-request-timeout-ms",
)
_EXPOSED_HEADERS = (
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
    """Allows pages of these origins to call without cookies, with the methods and headers of the API.

    A preflight that is not allowed gets a response without permission instead of an error: the browser blocks the call.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str], methods: Sequence[str] = METHODS) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=methods,
            allow_headers=_ALLOWED_HEADERS,
            expose_headers=_EXPOSED_HEADERS,
            max_age=_PREFLIGHT_SECONDS,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        allowed = super().preflight_response(request_headers)
        if allowed.status_code == HTTPStatus.OK:
            return allowed
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"vary": "Origin"})
