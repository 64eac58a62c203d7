"""Examples of error responses for the OpenAPI document, one for each code, made of the messages of the errors."""

from collections.abc import Mapping
from typing import Any

from declared_flows.errors import ExecutionsUnavailable
from upstream_resilience.errors import BadUpstreamAnswer, DeadlineExceeded, Overloaded, UpstreamUnavailable

from housing_price_orchestrator import errors
from housing_price_orchestrator.api.http.problems import (
    HEADERS_TOO_LARGE,
    INTERNAL_DETAIL,
    INTERNAL_ERROR,
    INVALID_BODY,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    Kind,
    kind_of,
)

_REQUEST_ID = "3f2b8c1de94a4f0f8a6f5d1c7b2e9a40"

_OPTION: Mapping[str, Any] = {
    "type": "extra_forbidden",
    "loc": ["query", "limmit"],
    "msg": "There is no such option; did you mean 'limit'?",
    "ctx": {"suggestion": "limit"},
}
_FIELD: Mapping[str, Any] = {
    "type": "literal_error",
    "loc": ["body", "street"],
    "msg": "Input should be 'Grvl' or 'Pave'; did you mean 'Pave'?",
    "input": "Paved",
    "ctx": {"expected": "'Grvl' or 'Pave'", "suggestion": "Pave"},
}


def example_problem(kind: Kind) -> dict[str, Any]:
    """Return a problem document of this kind."""
    return {
        "title": kind.title,
        "status": kind.status.value,
        "detail": _DETAILS[kind.code],
        "code": kind.code,
        "requestId": _REQUEST_ID,
    }


def example_validation_problem(*, has_body: bool) -> dict[str, Any]:
    """Return the response to a wrong field, or to a wrong option of a route without a body."""
    return {"detail": [dict(_FIELD if has_body else _OPTION)], "code": INVALID_BODY, "requestId": _REQUEST_ID}


_ERRORS: tuple[errors.KnownError, ...] = (
    errors.MalformedRequest("byte 17 of the body is not UTF-8; send UTF-8"),
    errors.RequestTimeout(10),
    errors.TooLarge(1000, "houses in one batch"),
    errors.UnsupportedMediaType("The body is not declared as JSON"),
    errors.Unauthenticated(),
    errors.Forbidden("predict"),
    errors.HostNotAllowed("attacker.example"),
    errors.OriginNotAllowed("https://attacker.example"),
    errors.RateLimited("key", 1),
    errors.ModelNotReady(),
    UpstreamUnavailable("nobody listens at http://127.0.0.1:8080", "refused", upstream=errors.MODEL_SERVER),
    BadUpstreamAnswer("it is not JSON", upstream=errors.MODEL_SERVER),
    ExecutionsUnavailable(),
    Overloaded("500 wait for the model"),
    DeadlineExceeded(2),
)

_DETAILS: Mapping[str, str] = {
    **{kind_of(error).code: str(error) for error in _ERRORS},
    NOT_FOUND.code: "There is nothing at this address; `/docs` lists what there is.",
    METHOD_NOT_ALLOWED.code: "GET is not allowed here.",
    HEADERS_TOO_LARGE.code: "The headers are larger than 32,768 bytes.",
    INTERNAL_ERROR.code: INTERNAL_DETAIL,
}
