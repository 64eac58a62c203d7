"""Which error becomes which response: one table, and the documents of the responses.

Every error but 422 is a problem document (RFC 9457). 422 keeps FastAPI's shape, with a code beside it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPMethod, HTTPStatus
from typing import Any

from declared_flows.errors import ExecutionsUnavailable, NothingFound, StepFailed, UnusableParams
from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from upstream_resilience.errors import (
    BadUpstreamAnswer,
    DeadlineExceeded,
    NotReady,
    Overloaded,
    UpstreamUnavailable,
    cause_of,
)

from housing_price_orchestrator import errors
from housing_price_orchestrator.observability.request_context import request_context

PROBLEM_JSON = "application/problem+json"
INVALID_BODY = "VALIDATION_ERROR"
INTERNAL_DETAIL = "Something went wrong on our side; it has been logged."
_ABOUT_OPTIONS = ": pages of other origins may call only if ORCHESTRATOR_CORS__ORIGINS lists their origin"
MAX_DETAILS = 100
MAX_RETRY_AFTER_SECONDS = 60
"""Maximum ``Retry-After``, whatever a model server asks for: as long as a breaker stays open."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How an error is answered; ``retry_after`` in seconds where another attempt may help."""

    status: HTTPStatus
    code: str
    title: str
    retry_after: int | None = None


KINDS: Mapping[type[errors.KnownError], Kind] = {
    errors.MalformedRequest: Kind(HTTPStatus.BAD_REQUEST, "MALFORMED_REQUEST", "Malformed request"),
    errors.RequestTimeout: Kind(HTTPStatus.REQUEST_TIMEOUT, "REQUEST_TIMEOUT", "Request timeout"),
    errors.TooLarge: Kind(HTTPStatus.CONTENT_TOO_LARGE, "TOO_LARGE", "Request too large"),
    errors.UnsupportedMediaType: Kind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", "Unsupported media type"
    ),
    errors.InvalidInput: Kind(HTTPStatus.UNPROCESSABLE_CONTENT, INVALID_BODY, "Invalid body"),
    errors.Unauthenticated: Kind(HTTPStatus.UNAUTHORIZED, "UNAUTHENTICATED", "API key needed"),
    errors.Forbidden: Kind(HTTPStatus.FORBIDDEN, "FORBIDDEN", "Not allowed"),
    errors.OriginNotAllowed: Kind(HTTPStatus.FORBIDDEN, "ORIGIN_NOT_ALLOWED", "Origin not allowed"),
    errors.HostNotAllowed: Kind(HTTPStatus.MISDIRECTED_REQUEST, "HOST_NOT_ALLOWED", "Host not allowed"),
    errors.RateLimited: Kind(HTTPStatus.TOO_MANY_REQUESTS, "RATE_LIMITED", "Too many requests by one caller", 1),
    NotReady: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "MODEL_NOT_READY", "Model not ready", 5),
    UpstreamUnavailable: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "UPSTREAM_UNAVAILABLE", "Upstream unavailable", 1),
    BadUpstreamAnswer: Kind(HTTPStatus.BAD_GATEWAY, "UPSTREAM_BAD_ANSWER", "Unusable answer of an upstream"),
    ExecutionsUnavailable: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "EXECUTIONS_UNAVAILABLE", "Executions unavailable", 5),
    Overloaded: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "OVERLOADED", "Too many requests", 1),
    DeadlineExceeded: Kind(HTTPStatus.GATEWAY_TIMEOUT, "DEADLINE_EXCEEDED", "Time is up"),
}
NOT_FOUND = Kind(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Not found")
METHOD_NOT_ALLOWED = Kind(HTTPStatus.METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "Method not allowed")
HEADERS_TOO_LARGE = Kind(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "HEADERS_TOO_LARGE", "Headers too large")
INTERNAL_ERROR = Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", "Internal error")
ALL_KINDS = (*KINDS.values(), NOT_FOUND, METHOD_NOT_ALLOWED, HEADERS_TOO_LARGE, INTERNAL_ERROR)


class _Document(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True)


class Problem(_Document):
    """Every error but 422 (RFC 9457)."""

    # Without examples: each response of each route has its own, as a whole.
    title: str = Field(description="What kind of error this is.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="A sentence for people.")
    code: str = Field(description="Stable name of the kind of error.")
    request_id: str = Field(description="Id of the request, as in `X-Request-ID` and in the log.")


class Mistake(BaseModel):
    """One error in a body or an option, or all errors of one kind: `ctx.count` then says how many."""

    type: str = Field(description="Pydantic's name for the error.", examples=["literal_error"])
    loc: list[str | int] = Field(
        description="Its location, or that of the first one: `body`, a row's index in a batch, the field.",
        examples=[["body", "street"], ["body", "data", 17, "street"]],
    )
    msg: str = Field(description="What is wrong, and what would be right.")
    input: str | int | float | bool | None = Field(
        default=None, description="The value, or the first one, if it is a scalar; cut at 100 characters."
    )
    ctx: dict[str, Any] | None = Field(
        default=None,
        description=(
            "The facts behind `msg`: `suggestion` is what to send instead. An entry for several errors has their "
            "`count`; `values` with `value`, `count` and `firstRow`, if one field has them in several rows; or "
            "`fields`, or `suggestions` by field, if several fields have them."
        ),
    )


class ValidationProblem(_Document):
    """A body or an option that the route does not take."""

    detail: list[Mistake] = Field(
        description=f"The errors, those of one kind in one entry; at most {MAX_DETAILS} entries."
    )
    code: str = Field(examples=[INVALID_BODY])
    request_id: str = Field(description="Id of the request, as in `X-Request-ID` and in the log.")
    error_count: int | None = Field(
        default=None, description="The number of errors, if that exceeds the number of entries."
    )


def problem_body(kind: Kind, detail: str, request_id: str) -> bytes:
    """Return a problem document."""
    return (
        Problem(title=kind.title, status=kind.status, detail=detail, code=kind.code, request_id=request_id)
        .model_dump_json()
        .encode()
    )


class ProblemResponse(Response):
    """The response to an error, whose document is made when it is sent: only then its request is known.

    Args:
        kind: how the error is answered.
        document: makes the body of the id of the request.
        headers: headers beside those of the kind.
        media_type: of the document.
        cause: why a call to an upstream failed, for the log line.
    """

    def __init__(
        self,
        kind: Kind,
        document: Callable[[str], bytes],
        headers: Mapping[str, str] | None = None,
        media_type: str = PROBLEM_JSON,
        cause: str | None = None,
    ) -> None:
        retry = {"retry-after": str(kind.retry_after)} if kind.retry_after else {}
        self._given_headers = {**retry, **(headers or {})}
        self._code = kind.code
        self._document = document
        self._cause = cause
        super().__init__(None, kind.status, self._given_headers, media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        context = request_context(scope)
        context.code, context.cause = self._code, self._cause
        self.body = self._document(context.request_id)
        self.init_headers(self._given_headers)
        await super().__call__(scope, receive, send)


def handle_errors(app: FastAPI) -> None:
    """Give every error its response."""
    for base in errors.KNOWN_ERRORS:
        app.add_exception_handler(base, _known_error)
    app.add_exception_handler(HTTPException, _http_error)


def error_response(error: errors.KnownError) -> Response:
    """Return the response to an error."""
    if isinstance(error, errors.InvalidInput):
        return _validation_problem(error)
    if isinstance(error, StepFailed) and error.callers_place is not None:
        mistake = {"type": "unusable_params", "loc": list(error.callers_place), "msg": str(error)}
        return _validation_problem(errors.InvalidInput([mistake], 1))
    cause = cause_of(error.error if isinstance(error, StepFailed) else error)
    return _problem(kind_of(error), str(error), _retry_after(error), cause)


def kind_of(error: errors.KnownError) -> Kind:
    """Return how an error is answered; that of a step as its own reason is."""
    match error:
        case StepFailed():
            return kind_of(error.error)
        case NothingFound():
            return NOT_FOUND
        case UnusableParams():
            return KINDS[BadUpstreamAnswer]
    return next((KINDS[kind] for kind in type(error).__mro__ if kind in KINDS), INTERNAL_ERROR)


async def _known_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, errors.KNOWN_ERRORS):
        raise TypeError(f"{type(error).__name__} is not one of our errors") from error
    return error_response(error)


async def _http_error(request: Request, error: Exception) -> Response:
    if getattr(error, "status_code", None) == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = dict(getattr(error, "headers", None) or {}).get("Allow", "")
        return method_not_allowed(request.method, [name for name in allowed.split(", ") if name])
    advice = f"; `{request.scope['root_path']}/docs` lists what there is" if request.app.openapi_url else ""
    return _problem(NOT_FOUND, f"There is nothing at this address{advice}.")


def not_found(detail: str = "There is nothing at this address.") -> Response:
    """Return the response for an address or an item that does not exist."""
    return _problem(NOT_FOUND, detail)


def method_not_allowed(method: str, allowed: Sequence[str]) -> Response:
    """Return the response for a path that other methods are allowed on."""
    advice = _ABOUT_OPTIONS if method == HTTPMethod.OPTIONS else ""
    return _problem(METHOD_NOT_ALLOWED, f"{method} is not allowed here{advice}.", {"allow": ", ".join(allowed)})


def internal_error() -> Response:
    """Return the response to a bug of ours."""
    return _problem(INTERNAL_ERROR, INTERNAL_DETAIL)


def _problem(kind: Kind, detail: str, headers: Mapping[str, str] | None = None, cause: str | None = None) -> Response:
    return ProblemResponse(kind, partial(problem_body, kind, detail), headers, cause=cause)


def _retry_after(error: errors.KnownError) -> Mapping[str, str]:
    if isinstance(error, StepFailed):
        error = error.error
    seconds = getattr(error, "retry_after_seconds", None)
    if seconds is not None and isinstance(error, UpstreamUnavailable):
        seconds = min(seconds, MAX_RETRY_AFTER_SECONDS)
    return {"retry-after": str(max(1, math.ceil(seconds)))} if seconds is not None else {}


def _validation_problem(error: errors.InvalidInput) -> Response:
    # Without the error itself, whose traceback would keep the body of the request alive.
    document = partial(_validation_body, error.details, error.count)
    return ProblemResponse(KINDS[errors.InvalidInput], document, media_type="application/json")


def _validation_body(details: Sequence[Mapping[str, Any]], count: int, request_id: str) -> bytes:
    document: dict[str, Any] = {"detail": details, "code": INVALID_BODY, "requestId": request_id}
    if count > len(details):
        document["errorCount"] = count
    return to_json(document)
