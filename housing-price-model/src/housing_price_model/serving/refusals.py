"""Refusals of `POST /invocations`: MLflow's status codes and one sentence for people."""

from http import HTTPStatus

from http_connections.rules import Fault
from http_connections.rules import Refusal as ConnectionRefusal
from pydantic_core import to_json
from starlette.responses import PlainTextResponse, Response

MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_ROWS = 10_000
MAX_ROWS_WITH_LARGE_ANSWERS = 1_000
"""Rows with explanations or comparable sales: about 20 MB. A row that is `{}` takes three bytes, its answer 7,000."""


class Refusal(Exception):
    """A request that is rejected."""

    status = HTTPStatus.BAD_REQUEST
    code = "BAD_REQUEST"

    def response(self) -> Response:
        """Return the response in the form of MLflow's errors."""
        content = to_json({"error_code": self.code, "message": str(self)})
        return Response(content, self.status, media_type="application/json")


class BodyTooLarge(Refusal):
    """The body exceeds the limit in bytes."""

    status = HTTPStatus.CONTENT_TOO_LARGE
    code = "REQUEST_LIMIT_EXCEEDED"

    def __init__(self) -> None:
        super().__init__(f"the body is larger than {MAX_BODY_BYTES:,} bytes")


class BodyTooSlow(Refusal):
    """The body is not complete in time."""

    status = HTTPStatus.REQUEST_TIMEOUT
    code = "REQUEST_TIMEOUT"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the body was not complete after {seconds:g} seconds")

    def response(self) -> Response:
        """Return the response, which also closes the connection because the rest is not read."""
        response = super().response()
        response.headers["Connection"] = "close"
        return response


class TooManyRows(Refusal):
    """The table exceeds the limit in rows."""

    status = HTTPStatus.CONTENT_TOO_LARGE
    code = "REQUEST_LIMIT_EXCEEDED"

    def __init__(self) -> None:
        super().__init__(f"the table has more than {MAX_ROWS:,} rows")


class TooManyLargeAnswers(Refusal):
    """The table exceeds the limit in rows that applies to explanations and comparable sales."""

    status = HTTPStatus.CONTENT_TOO_LARGE
    code = "REQUEST_LIMIT_EXCEEDED"

    def __init__(self) -> None:
        most = f"{MAX_ROWS_WITH_LARGE_ANSWERS:,} rows"
        super().__init__(f"the table has more than {most}, the most with explain or comparables; send fewer")


class TooManyValues(Refusal):
    """The table would take too much memory."""

    status = HTTPStatus.CONTENT_TOO_LARGE
    code = "REQUEST_LIMIT_EXCEEDED"

    def __init__(self) -> None:
        super().__init__("the body holds too many values; send fewer rows, and only the columns that the model takes")


class QueueFull(Refusal):
    """The queue is full."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "TEMPORARILY_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("too many requests are waiting already")

    def response(self) -> Response:
        """Return the response with a Retry-After header."""
        response = super().response()
        response.headers["Retry-After"] = "1"
        return response


class UnsupportedContent(Refusal):
    """An unknown content type. The response is plain text, as in MLflow."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE

    def response(self) -> Response:
        """The answer."""
        return PlainTextResponse(str(self), self.status)


_FAULTS = {
    Fault.MALFORMED: (HTTPStatus.BAD_REQUEST, "BAD_REQUEST"),
    Fault.HEAD_TOO_LARGE: (HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "REQUEST_LIMIT_EXCEEDED"),
    Fault.TOO_SLOW: (HTTPStatus.REQUEST_TIMEOUT, "REQUEST_TIMEOUT"),
}


def refuse_connection(fault: Fault, what: str, client: str | None) -> ConnectionRefusal:  # noqa: ARG001  no log of it
    """Return the response to what never becomes a request, in the same form."""
    status, code = _FAULTS[fault]
    content = to_json({"error_code": code, "message": f"the request can't be read: {what}"})
    return ConnectionRefusal(status, [("content-type", "application/json")], content)
