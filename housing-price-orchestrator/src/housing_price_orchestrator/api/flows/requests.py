"""A request for a flow, as HTTP brings it: its parts, checked by what the flow declares."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from declared_flows.planning.plan import FlowPlan
from house_record.refusals import describe_encoding
from pydantic_core import SchemaValidator, ValidationError, from_json
from starlette.requests import Request
from upstream_resilience.deadline import Deadline

from housing_price_orchestrator.api.http.body import BodyReader
from housing_price_orchestrator.api.http.problems import MAX_DETAILS
from housing_price_orchestrator.api.options import read_time_limit
from housing_price_orchestrator.api.query import check_names
from housing_price_orchestrator.domain import RequestContext
from housing_price_orchestrator.errors import InvalidInput, MalformedRequest
from housing_price_orchestrator.observability.request_context import request_context
from housing_price_orchestrator.service.flow_records import HOUSE

EXECUTION_HEADER = b"x-execution-id"

_LONGEST_TEXT = 100
_MAX_LISTED = 1000
"""If there are more mistakes, none is listed: that would take seconds."""


class HttpFlowRequest:
    """A request for a flow.

    Args:
        request: as it came.
        path: the parts of its address that the caller fills, by name.
        body: reads its body within limits.
    """

    def __init__(self, request: Request, path: Mapping[str, str], body: BodyReader) -> None:
        self.context: RequestContext = request_context(request.scope)
        self._request = request
        self._path = path
        self._body = body

    @property
    def id(self) -> str:
        """Its id, as in the log."""
        return self.context.request_id

    @property
    def outgoing_headers(self) -> Mapping[str, str]:
        """Headers that carry its ids on."""
        return self.context.outgoing_headers

    def check_deadline(self, default_seconds: float) -> float:
        """Return how long it may take (seconds).

        Raises:
            InvalidInput: if the caller says what is not a time.
        """
        return read_time_limit(self._request.scope["headers"], default_seconds)

    def start(self, execution_id: str, seconds: float) -> Deadline:
        """Tell the caller the id of the run, whatever its answer will be, and start its time."""
        self.context.headers += ((EXECUTION_HEADER, execution_id.encode()),)
        return self.context.start_deadline(seconds)

    async def read(self, plan: FlowPlan) -> Mapping[str, Any]:
        """Return what the caller gave, checked.

        Raises:
            RequestError: if it is not what the flow takes; all mistakes outside of the body at once.
        """
        mistakes: list[dict[str, Any]] = []
        checks, declared = plan.checks, plan.request
        given = {"path": _check("path", checks.path, self._path, mistakes)}
        query = _query(self._request, plan)
        if declared.query:
            given["query"] = _check("query", checks.query, query, mistakes)
        if declared.headers:
            given["headers"] = _check("header", checks.headers, _headers(self._request, plan), mistakes)
        if mistakes:
            raise InvalidInput(mistakes[:MAX_DETAILS], len(mistakes))
        if declared.body is not None:
            body = await self._body.read(self._request)
            is_house = declared.body.record == HOUSE
            given["body"] = self._body.parse_house(body) if is_house else _check_body(plan, body)
        return given


def _query(request: Request, plan: FlowPlan) -> dict[str, Any]:
    try:
        pairs = parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise MalformedRequest("the query is not UTF-8") from error
    declared = plan.request.query
    lists = [name for name, schema in declared.items() if schema.type == "array"]
    check_names((name for name, _ in pairs), declared, lists)
    given: dict[str, Any] = {}
    for name, value in pairs:
        if name in lists:
            given.setdefault(name, []).append(value)
        else:
            given[name] = value
    return given


def _headers(request: Request, plan: FlowPlan) -> dict[str, Any]:
    names = {name: name.replace("_", "-") for name in plan.request.headers}
    return {name: request.headers[header] for name, header in names.items() if header in request.headers}


def _check(place: str, checks: SchemaValidator, values: Mapping[str, Any], mistakes: list[dict[str, Any]]) -> Any:
    try:
        return checks.validate_python(values)
    except ValidationError as error:
        mistakes += _details(error, place)
        return None


def _check_body(plan: FlowPlan, body: bytes) -> Any:
    if plan.checks.body is None:
        return None
    try:
        value = plan.checks.body.validate_json(body)
    except ValidationError as error:
        if said := describe_encoding(body):
            raise MalformedRequest(said) from error
        details = _details(error, "body")
        raise InvalidInput(details[:MAX_DETAILS], len(details)) from error
    if b"NaN" in body or b"Infinity" in body:
        _refuse_infinite_numbers(body)
    return value


def _refuse_infinite_numbers(body: bytes) -> None:
    """Pydantic's reader takes three words that are no JSON."""
    try:
        from_json(body, allow_inf_nan=False)
    except ValueError as error:
        message = "`NaN` and `Infinity` are no JSON"
        raise InvalidInput([{"type": "json_invalid", "loc": ["body"], "msg": message}], 1) from error


def _details(error: ValidationError, place: str) -> list[dict[str, Any]]:
    if error.error_count() > _MAX_LISTED:
        count = f"There are {error.error_count():,} mistakes in it"
        return [{"type": "too_many_mistakes", "loc": [place], "msg": count}]
    details = []
    for found in error.errors(include_url=False, include_context=False):
        detail: dict[str, Any] = {"type": found["type"], "loc": [place, *found["loc"]], "msg": found["msg"]}
        value = found["input"]
        if found["type"] not in ("missing", "json_invalid") and isinstance(value, str | int | float | bool | None):
            detail["input"] = value[:_LONGEST_TEXT] if isinstance(value, str) else value
        details.append(detail)
    return details
