"""The flows that are served now, in the OpenAPI document."""

from copy import deepcopy
from typing import Any

from declared_flows.notation.declaration import RequestDeclaration
from declared_flows.notation.schema import Schema, json_schema
from declared_flows.planning.plan import FlowPlan
from declared_flows.service.flows import FlowService
from fastapi import FastAPI
from pydantic.alias_generators import to_camel

from housing_price_orchestrator.api.http.openapi import answers
from housing_price_orchestrator.api.options import TIME_LIMIT_PARAMETER

_CODES = ("UPSTREAM_BAD_ANSWER", "UPSTREAM_UNAVAILABLE", "MODEL_NOT_READY", "OVERLOADED", "DEADLINE_EXCEEDED")
_WITH_BODY = ("REQUEST_TIMEOUT", "TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE")
_EXECUTION = {
    "X-Execution-ID": {"description": "Id of the run, for `/api/v1/executions`.", "schema": {"type": "string"}}
}
_DEGRADED = Schema(
    type="array",
    items=Schema(type="string"),
    description="Steps that failed and whose default was taken; there only if there are any.",
    optional=True,
)


def describe_flows(app: FastAPI, flows: FlowService) -> None:
    """Add the current flows to what ``app.openapi()`` returns."""
    plain = app.openapi
    described: tuple[int, dict[str, Any]] | None = None

    def document() -> dict[str, Any]:
        nonlocal described
        generation = flows.current
        if described is None or described[0] != generation.number:
            copy = deepcopy(plain())
            for plan in generation.plans:
                copy["paths"].setdefault(plan.route.path, {})[plan.route.method.lower()] = operation(plan)
            described = generation.number, copy
        return described[1]

    app.openapi = document  # type: ignore[method-assign]  # the documented way to extend it


def operation(plan: FlowPlan) -> dict[str, Any]:
    """Return a flow as an OpenAPI operation."""
    finds_or_not = any(step.is_found_or_404 for step in plan.steps)
    codes = [
        *_CODES,
        *(_WITH_BODY if plan.request.body else ()),
        "VALIDATION_ERROR",  # also for options that nobody declared, and for a bad deadline
        *(("NOT_FOUND",) if finds_or_not or plan.request.path else ()),  # also for control characters in the path
    ]
    described: dict[str, Any] = {
        "tags": list(plan.route.tags),
        "summary": plan.route.summary or plan.name,
        "operationId": to_camel(f"flow_{plan.name.replace('-', '_')}"),
        "parameters": [*_parameters(plan.request), TIME_LIMIT_PARAMETER],
        "responses": {"200": _answer(plan), **{str(status): each for status, each in answers(*codes).items()}},
    }
    if plan.description:
        described["description"] = plan.description
    if plan.request.body:
        described["requestBody"] = {"required": True, "content": {"application/json": _content(plan)}}
    return described


def _content(plan: FlowPlan) -> dict[str, Any]:
    examples = [example.request["body"] for example in plan.examples if "body" in example.request]
    return _with_examples(json_schema(plan.request.body) if plan.request.body else {}, examples)


def _answer(plan: FlowPlan) -> dict[str, Any]:
    schema = plan.answer
    if any(step.is_optional for step in plan.steps):
        schema = schema.model_copy(update={"properties": {**schema.properties, "degraded": _DEGRADED}})
    examples = [example.response for example in plan.examples if example.response is not None]
    content = _with_examples(json_schema(schema), examples)
    return {"description": "The answer", "headers": _EXECUTION, "content": {"application/json": content}}


def _with_examples(schema: dict[str, Any], examples: list[Any]) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": schema}
    if examples:
        content["examples"] = {f"example {number}": {"value": value} for number, value in enumerate(examples, start=1)}
    return content


def _parameters(request: RequestDeclaration) -> list[dict[str, Any]]:
    places = (("path", request.path), ("query", request.query), ("header", request.headers))
    return [_parameter(place, name, schema) for place, fields in places for name, schema in fields.items()]


def _parameter(place: str, name: str, schema: Schema) -> dict[str, Any]:
    described = json_schema(schema)
    text = {"description": text} if (text := described.pop("description", None)) else {}
    return {
        "name": name.replace("_", "-") if place == "header" else name,
        "in": place,
        "required": place == "path" or schema.is_needed,
        "schema": described,
        **text,
    }
