"""Which web pages may call, as Starlette's middleware decides it."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response


class Cors(CORSMiddleware):
    """Answers a preflight that is not allowed without permission and without an error: the browser refuses the call."""

    def preflight_response(self, request_headers: Headers) -> Response:
        allowed = super().preflight_response(request_headers)
        if allowed.status_code == HTTPStatus.OK:
            return allowed
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"vary": "Origin"})
