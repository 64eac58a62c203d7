"""The part of the OpenAPI document about keys, rate limits and idempotency, which apply to all routes."""

from http import HTTPMethod, HTTPStatus
from typing import Any

from fastapi import FastAPI

from housing_price_orchestrator.api.http.access import ALWAYS_OPEN
from housing_price_orchestrator.api.http.browser_guard import SAFE_METHODS
from housing_price_orchestrator.api.http.idempotency import HEADER, REPLAYED
from housing_price_orchestrator.api.http.openapi import answers

_SCHEME = "ApiKey"
_IDEMPOTENT_ROUTES = "/api/v1/price/"
"""The routes that accept an `Idempotency-Key`."""
_SECURITY_SCHEMES = {
    _SCHEME: {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "Needed only if the service has API keys.",
    }
}
_REJECTIONS = ("UNAUTHENTICATED", "FORBIDDEN", "RATE_LIMITED", "HOST_NOT_ALLOWED")
_STATUSES = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.MISDIRECTED_REQUEST,
    HTTPStatus.TOO_MANY_REQUESTS,
)
_STATELESS_ROUTES = "/api/v1/price/"
"""The routes that web pages of other origins may call with any method."""


def _integer(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "integer"}}


_LIMIT_HEADERS = {
    "RateLimit-Limit": _integer("Requests at once, if there is a rate limit."),
    "RateLimit-Remaining": _integer("How many of them remain."),
    "RateLimit-Reset": _integer("Seconds until all of them are available again."),
    "RateLimit-Policy": {
        "description": "The limit, and the seconds in which an empty bucket fills.",
        "schema": {"type": "string", "examples": ["20;w=2"]},
    },
}
_CHALLENGE = {"WWW-Authenticate": {"description": "How to send a key.", "schema": {"type": "string"}}}
_REPLAYED = {
    REPLAYED: {
        "description": f"`true` if this repeats an earlier response to the same `{HEADER}`.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}
_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "The same key with the same body returns the same response for 10 minutes.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$", "examples": ["order-4711"]},
}


def describe_access(app: FastAPI) -> None:
    """Add them to the document that ``app.openapi()`` returns."""
    plain = app.openapi

    def document() -> dict[str, Any]:
        described = plain()
        components = described["components"]
        if "securitySchemes" not in components:
            components["securitySchemes"] = _SECURITY_SCHEMES
            for path, operations in described["paths"].items():
                if path not in ALWAYS_OPEN:
                    for method, operation in operations.items():
                        is_idempotent = method.upper() == HTTPMethod.POST and path.startswith(_IDEMPOTENT_ROUTES)
                        is_guarded = method.upper() not in SAFE_METHODS and not path.startswith(_STATELESS_ROUTES)
                        _complete(operation, is_idempotent=is_idempotent, is_guarded=is_guarded)
        return described

    app.openapi = document  # type: ignore[method-assign]  # the documented way to extend it


def _complete(operation: dict[str, Any], *, is_idempotent: bool, is_guarded: bool) -> None:
    operation["security"] = [{}, {_SCHEME: []}]
    rejections = _rejections("ORIGIN_NOT_ALLOWED" if is_guarded else "FORBIDDEN")
    responses = {**operation["responses"], **{str(status): each for status, each in rejections.items()}}
    for status, response in responses.items():
        headers = dict(response.get("headers", {})) | _LIMIT_HEADERS
        if status == str(HTTPStatus.UNAUTHORIZED.value):
            headers |= _CHALLENGE
        if is_idempotent and status in (str(HTTPStatus.OK.value), str(HTTPStatus.UNPROCESSABLE_CONTENT.value)):
            headers |= _REPLAYED
        response["headers"] = headers
    operation["responses"] = dict(sorted(responses.items()))
    if is_idempotent:
        operation["parameters"] = [*operation.get("parameters", []), _PARAMETER]


def _rejections(*more: str) -> dict[int | str, dict[str, Any]]:
    return {status: answer for status, answer in answers(*_REJECTIONS, *more).items() if status in _STATUSES}
