"""The routes that files declare: a request is read as its flow says, the flow is done, its document answered."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import structlog
from declared_flows.errors import NothingFound, StepFailed
from declared_flows.execution.engine import Run, StepRecord
from declared_flows.executions.record import Execution, Failure, Status, StepRun, new_execution_id
from declared_flows.executions.redaction import Redaction, redact
from declared_flows.executions.sampling import Sampler
from declared_flows.executions.store import Executions
from declared_flows.planning.plan import FlowPlan
from declared_flows.service.flows import FlowService, Generation
from pydantic_core import SchemaValidator, ValidationError, from_json, to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope
from upstream_resilience.errors import Overloaded

from housing_price_orchestrator.api.http.access import ALWAYS_OPEN, ELSEWHERE, scope_of
from housing_price_orchestrator.api.http.body import BodyReader
from housing_price_orchestrator.api.http.direct_routes import Endpoint
from housing_price_orchestrator.api.http.problems import MOST_DETAILS, kind_of, method_not_allowed
from housing_price_orchestrator.api.options import time_limit
from housing_price_orchestrator.errors import KNOWN_ERRORS, InvalidInput, KnownError, MalformedRequest
from housing_price_orchestrator.observability.metrics import Metrics
from housing_price_orchestrator.observability.request_context import current_request
from housing_price_orchestrator.service.flow_records import HOUSE

EXECUTION_HEADER = b"x-execution-id"

_LONGEST_TEXT = 100
_MOST_LOOKED_INTO = 1000
"""Of more mistakes none is listed: that would take seconds."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FlowRoute:
    """A flow's address, and what answers a request for it."""

    path: str
    endpoint: Endpoint


class FlowRoutes:
    """Finds the flow that a request is for, and does it.

    Args:
        flows: those that are served.
        body: reads bodies within limits.
        executions: where runs are kept.
        sample: which of them.
        metrics: where they are counted.
    """

    def __init__(
        self, flows: FlowService, body: BodyReader, executions: Executions, sample: Sampler, metrics: Metrics
    ) -> None:
        self._flows = flows
        self._body = body
        self._executions = executions
        self._sample = sample
        self._metrics = metrics

    def __call__(self, scope: Scope) -> FlowRoute | None:
        """The route for a request; None where no flow is served at that address."""
        if scope["path"] in ALWAYS_OPEN or scope_of(scope["path"]) is not ELSEWHERE:
            return None  # who may call was decided by the decoded path: with encoded slashes that can be another one
        path = _raw_path(scope)
        routes = self._flows.current.routes
        found = routes.find(scope["method"], path)
        if found is None:
            return self._refusal(scope, path)
        flow, values = found
        return FlowRoute(flow.path, lambda request: self._answer(request, flow.plan, values))

    def _refusal(self, scope: Scope, path: str) -> FlowRoute | None:
        methods = self._flows.current.routes.methods(path)
        if not methods:
            return None

        async def refuse(_: Request) -> Response:
            return method_not_allowed(scope["method"], methods)

        return FlowRoute("unmatched", refuse)

    async def _answer(self, request: Request, plan: FlowPlan, path: Mapping[str, str]) -> Response:
        generation = self._flows.begin()
        try:
            seconds = time_limit(request.scope["headers"], plan.timeout_seconds)
            run = generation.engine.begin(plan, await self._read(request, plan, path))
            answer = await self._done(generation, run, seconds)
        finally:
            self._flows.end(generation)
        return Response(answer, media_type="application/json")

    async def _done(self, generation: Generation, run: Run, seconds: float) -> bytes:
        execution_id = new_execution_id()
        current_request.get().headers += ((EXECUTION_HEADER, execution_id.encode()),)
        status: Status = "cancelled"
        error: KnownError | None = None
        try:
            answer = to_json(await self._flows.done(generation, run, seconds), inf_nan_mode="null")
            status = "degraded" if run.degraded else "succeeded"
        except KNOWN_ERRORS as failure:
            status, error = _status_of(failure), failure
            raise
        except Exception:  # a bug, which the service answers as one
            status = "failed"
            raise
        finally:
            self._metrics.flow_done(run.plan.name, status, run.steps.values())
            if self._sample.keeps(status):
                self._executions.record(_execution(execution_id, run, status, error))
            else:
                self._metrics.executions_left_out.inc()
        return answer

    async def _read(self, request: Request, plan: FlowPlan, path: Mapping[str, str]) -> dict[str, Any]:
        """What the caller gave, checked.

        Raises:
            RequestError: if it is not what the flow takes; all mistakes outside of the body at once.
        """
        mistakes: list[dict[str, Any]] = []
        checks, declared = plan.checks, plan.request
        given = {"path": _checked("path", checks.path, path, mistakes)}
        if declared.query:
            given["query"] = _checked("query", checks.query, _query(request, plan), mistakes)
        if declared.headers:
            given["headers"] = _checked("header", checks.headers, _headers(request, plan), mistakes)
        if mistakes:
            raise InvalidInput(mistakes[:MOST_DETAILS], len(mistakes))
        if declared.body is not None:
            body = await self._body.read(request)
            if declared.body.record == HOUSE.name:
                given["body"] = self._body.house(body)
            else:
                given["body"] = _checked_body(plan, body)
        return given


def _status_of(error: KnownError) -> Status:
    match error:
        case NothingFound():
            return "not_found"
        case StepFailed() if error.callers_place is not None:
            return "refused"
        case Overloaded():
            return "refused"
    return "failed"


def _raw_path(scope: Scope) -> str:
    """The path as it was sent, so that an encoded slash is no slash."""
    raw: bytes | None = scope.get("raw_path")
    return raw.split(b"?", 1)[0].decode("latin-1") if raw else scope["path"]


def _query(request: Request, plan: FlowPlan) -> dict[str, Any]:
    """The declared parameters of the query; names that are none are ignored, as on the routes for prices."""
    given: dict[str, Any] = {}
    try:
        pairs = parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise MalformedRequest("the query is not UTF-8") from error
    for name, value in pairs:
        schema = plan.request.query.get(name)
        if schema is None:
            continue
        if schema.type == "array":
            given.setdefault(name, []).append(value)
        elif name in given:
            raise InvalidInput.of_option(name, "duplicate_option", "It is given more than once")
        else:
            given[name] = value
    return given


def _headers(request: Request, plan: FlowPlan) -> dict[str, Any]:
    names = {name: name.replace("_", "-") for name in plan.request.headers}
    return {name: request.headers[header] for name, header in names.items() if header in request.headers}


def _checked(place: str, checks: SchemaValidator, values: Mapping[str, Any], mistakes: list[dict[str, Any]]) -> Any:
    try:
        return checks.validate_python(values)
    except ValidationError as error:
        mistakes += _details(error, place)
        return None


def _checked_body(plan: FlowPlan, body: bytes) -> Any:
    if plan.checks.body is None:
        return None
    try:
        value = plan.checks.body.validate_json(body)
    except ValidationError as error:
        try:
            body.decode()
        except UnicodeDecodeError as broken:
            raise MalformedRequest(f"byte {broken.start} of the body is not UTF-8") from broken
        details = _details(error, "body")
        raise InvalidInput(details[:MOST_DETAILS], len(details)) from error
    if b"NaN" in body or b"Infinity" in body:
        _refuse_what_is_no_number(body)
    return value


def _refuse_what_is_no_number(body: bytes) -> None:
    """Pydantic's reader takes three words that are no JSON."""
    try:
        from_json(body, allow_inf_nan=False)
    except ValueError as error:
        message = "`NaN` and `Infinity` are no JSON"
        raise InvalidInput([{"type": "json_invalid", "loc": ["body"], "msg": message}], 1) from error


def _details(error: ValidationError, place: str) -> list[dict[str, Any]]:
    if error.error_count() > _MOST_LOOKED_INTO:
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


def _execution(execution_id: str, run: Run, status: Status, error: KnownError | None) -> Execution:
    plan, seconds = run.plan, time.perf_counter() - run.began
    kept = redact(run.values["request"], _rules(plan.redact)) if plan.keeps_request else None
    return Execution(
        id=execution_id,
        flow=plan.name,
        route=f"{plan.route.method} {plan.route.path}",
        status=status,
        started_at=datetime.now(UTC) - timedelta(seconds=seconds),
        duration_seconds=seconds,
        error=_failure(error),
        request_id=current_request.get().request_id,
        request=kept,
        steps=tuple(_step_run(run, step) for step in run.steps.values()),
    )


@lru_cache(maxsize=256)
def _rules(names: tuple[str, ...]) -> Redaction:
    return Redaction.with_names(names, HOUSE.spellings)


def _step_run(run: Run, step: StepRecord) -> StepRun:
    return StepRun(
        name=step.name,
        source=step.source or "",
        operation=step.operation or "",
        status=step.status,
        started_after_seconds=None if step.began is None else step.began - run.began,
        duration_seconds=step.seconds,
        attempts=step.attempts,
        cache_hit=step.is_cached,
        rows=step.rows,
        served_by=step.served_by,
        error=_failure(step.error),
    )


def _failure(error: KnownError | None) -> Failure | None:
    return Failure(kind_of(error).code, str(error)) if error else None
