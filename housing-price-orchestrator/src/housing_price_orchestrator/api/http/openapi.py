"""The OpenAPI document: what FastAPI derives from the routes, and the bodies that the API parses itself."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from pydantic.json_schema import models_json_schema

from housing_price_orchestrator.api.http.error_examples import example_problem, example_validation_problem
from housing_price_orchestrator.api.http.problems import (
    ALL_KINDS,
    INVALID_BODY,
    PROBLEM_JSON,
    Kind,
    Problem,
    ValidationProblem,
)
from housing_price_orchestrator.api.options import describe_parameters

_NOTHING = object()
_REFERENCE = "#/components/schemas/{model}"
_OF_BODIES = "UNSUPPORTED_MEDIA_TYPE"
"""The code that every route with a body has, and no other."""

_DATA = frozenset({"const", "default", "enum", "example", "examples", "value"})
"""Keywords of a schema whose values are data."""

_EVERYWHERE = ("MALFORMED_REQUEST", "HEADERS_TOO_LARGE", "INTERNAL_ERROR")

DESCRIPTION = """\
Send a house as JSON, get its price.

Field names are camelCase; the API also accepts the snake_case names. Fields that are not required may be null or
absent. A well-formed but improbable house gets a price with `warnings`, and so does one unlike the training sales.

Every error but 422 is a problem document (RFC 9457) with a stable `code`. Each response carries `X-Request-ID`.
"""
TAGS: list[dict[str, Any]] = [
    {"name": "price", "description": "Prices of houses, and the model behind them."},
    {"name": "flows", "description": "Endpoints that files declare, and the files."},
    {"name": "executions", "description": "What happened to requests to flows, step by step."},
    {"name": "operations", "description": "For load balancers, monitoring and people on call."},
]


def operation_id(route: APIRoute) -> str:
    """The name of a route in generated clients."""
    return to_camel(route.name)


def takes(record: type[BaseModel], examples: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the body and the options of a route, as part of its OpenAPI operation."""
    content = {
        "schema": {"$ref": _REFERENCE.format(model=record.__name__)},
        "examples": {name: {"summary": name, "value": value} for name, value in examples.items()},
    }
    return {
        "parameters": describe_parameters(),
        "requestBody": {"required": True, "content": {"application/json": content}},
    }


def answers(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Describe the errors of a route by their codes, as part of its OpenAPI operation; each with its own example."""
    kinds: dict[int, list[Kind]] = defaultdict(list)
    for kind in ALL_KINDS:
        if kind.code in (*codes, *_EVERYWHERE):
            kinds[kind.status.value].append(kind)
    has_body = _OF_BODIES in codes
    return {status: _describe_response(alike, has_body=has_body) for status, alike in sorted(kinds.items())}


def _describe_response(kinds: Sequence[Kind], *, has_body: bool) -> dict[str, Any]:
    document, media_type = Problem.__name__, PROBLEM_JSON
    if any(kind.code == INVALID_BODY for kind in kinds):
        document, media_type = ValidationProblem.__name__, "application/json"
        value = example_validation_problem(has_body=has_body)
        examples = {INVALID_BODY: {"summary": kinds[0].title, "value": value}}
    else:
        examples = {kind.code: {"summary": kind.title, "value": example_problem(kind)} for kind in kinds}
    answer: dict[str, Any] = {
        "description": "; ".join(f"{kind.title} (`{kind.code}`)" for kind in kinds),
        "content": {media_type: {"schema": {"$ref": _REFERENCE.format(model=document)}, "examples": examples}},
    }
    if any(kind.retry_after for kind in kinds):
        answer["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return answer


def describe(app: FastAPI, bodies: Sequence[type[BaseModel]]) -> None:
    """Make ``app.openapi()`` return the whole document, with these bodies in it."""

    def document() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = _make_document(app, bodies)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # the documented way to extend it


def _make_document(app: FastAPI, bodies: Sequence[type[BaseModel]]) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=TAGS,
    )
    models: list[type[BaseModel]] = [*bodies, Problem, ValidationProblem]
    _, schemas = models_json_schema([(model, "validation") for model in models], ref_template=_REFERENCE)
    components = document.setdefault("components", {}).setdefault("schemas", {})
    components.update(schemas["$defs"])
    document["components"]["schemas"] = dict(sorted(components.items()))
    _drop_null_defaults(document["components"]["schemas"].values())
    return document


def _drop_null_defaults(schemas: Iterable[Any]) -> None:
    """Remove `default: null`: generators of clients take a field with a default for one that is always there."""
    for schema in schemas:
        if not isinstance(schema, dict):
            continue
        if schema.get("default", _NOTHING) is None:
            del schema["default"]
        for keyword, part in schema.items():
            if keyword == "properties":
                _drop_null_defaults(part.values())
            elif keyword not in _DATA:
                _drop_null_defaults(part if isinstance(part, list) else (part,))
