"""What `POST /invocations` answers to what it does not take: MLflow's status codes, and one sentence for people."""

from http import HTTPStatus

from pydantic_core import to_json
from starlette.responses import PlainTextResponse, Response

MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_ROWS = 10_000


class Refusal(Exception):
    """A request that gets no prices."""

    status = HTTPStatus.BAD_REQUEST
    code = "BAD_REQUEST"

    def response(self) -> Response:
        """The answer, in the form of MLflow's errors."""
        content = to_json({"error_code": self.code, "message": str(self)})
        return Response(content, self.status, media_type="application/json")


class BodyTooLarge(Refusal):
    """More bytes than are read."""

    status = HTTPStatus.CONTENT_TOO_LARGE
    code = "REQUEST_LIMIT_EXCEEDED"

    def __init__(self) -> None:
        super().__init__(f"the body is larger than {MAX_BODY_BYTES:,} bytes")


class BodyTooSlow(Refusal):
    """A body that is not whole in time."""

    status = HTTPStatus.REQUEST_TIMEOUT
    code = "REQUEST_TIMEOUT"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the body was not whole after {seconds:g} seconds")

    def response(self) -> Response:
        """The same, as the last answer on its connection: nobody waits for the rest."""
        response = super().response()
        response.headers["Connection"] = "close"
        return response


class TooManyRows(Refusal):
    """More rows than are priced at once."""

    status = HTTPStatus.CONTENT_TOO_LARGE
    code = "REQUEST_LIMIT_EXCEEDED"

    def __init__(self) -> None:
        super().__init__(f"the table has more than {MAX_ROWS:,} rows")


class QueueFull(Refusal):
    """More work than is kept waiting."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "TEMPORARILY_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("too many requests are waiting already")

    def response(self) -> Response:
        """The same, with the time after which another try makes sense."""
        response = super().response()
        response.headers["Retry-After"] = "1"
        return response


class UnsupportedContent(Refusal):
    """A content type that no parser knows; told as plain text, as MLflow does."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE

    def response(self) -> Response:
        """The answer."""
        return PlainTextResponse(str(self), self.status)
