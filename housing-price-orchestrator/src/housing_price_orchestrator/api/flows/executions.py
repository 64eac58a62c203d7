"""The routes that show executions: each run of a flow with its steps."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, get_args

from declared_flows.executions.record import Status, StepStatus
from declared_flows.executions.store import CURSOR_PATTERN, Cursor, Executions, Page
from declared_flows.notation.names import FLOW_NAME
from fastapi import APIRouter, Request
from house_record.price import Document
from pydantic import AwareDatetime, ConfigDict, Field
from starlette.responses import Response

from housing_price_orchestrator.api.http.openapi import answers
from housing_price_orchestrator.api.http.problems import not_found
from housing_price_orchestrator.api.query import read_query
from housing_price_orchestrator.errors import InvalidInput

MOST_LISTED = 200
"""Runs in one answer."""

_LISTED = 50
_NUL = "\0"
"""No text in a database contains it, and PostgreSQL refuses a query with it."""

_STATUSES: tuple[Status, ...] = get_args(Status.__value__)


class _Read(Document):
    """A document made from an object with the same fields."""

    model_config = ConfigDict(from_attributes=True)


class FailureDocument(_Read):
    """Why a run or a step failed."""

    code: Annotated[str, Field(examples=["UPSTREAM_UNAVAILABLE"])]
    """Stable name of the kind of error."""
    message: str
    """A sentence for people."""


class StepRunDocument(_Read):
    """What happened to one step."""

    name: Annotated[str, Field(examples=["market"])]
    source: Annotated[str, Field(examples=["market-api"])]
    operation: Annotated[str, Field(examples=["index"])]
    status: StepStatus
    """`cached`: answered without its source; `defaulted`: it failed, and its default was taken; `skipped`: its
    condition did not hold."""
    started_after_seconds: float | None
    """Time from the start of the run; null if the step did not start."""
    duration_seconds: float
    attempts: int
    """Calls to the source."""
    cache_hit: bool
    rows: int | None
    """Rows or items of the response, if it has any."""
    served_by: str | None
    """The strategy that responded, or the version of a model."""
    error: FailureDocument | None


class ExecutionSummaryDocument(_Read):
    """A run of a flow, in a list."""

    id: Annotated[str, Field(examples=["019a9b6c7d5e7f00a1b2c3d4e5f60718"])]
    """As in the header `X-Execution-ID` of the response; sorts by time."""
    flow: Annotated[str, Field(examples=["property-valuation"])]
    route: Annotated[str, Field(examples=["GET /api/v1/properties/{parcel_id}/valuation"])]
    status: Status
    """`degraded`: the default of a failed step took its place."""
    started_at: AwareDatetime
    """UTC."""
    duration_seconds: float
    error: FailureDocument | None
    request_id: str | None
    """Id of the request, as in `X-Request-ID` and in the log."""


class ExecutionDocument(ExecutionSummaryDocument):
    """A run of a flow with its steps."""

    request: Any
    """The request, with secrets and personal fields redacted; null unless the flow stores requests."""
    steps: list[StepRunDocument]


class ExecutionsDocument(Document):
    """Runs of flows, newest first."""

    executions: list[ExecutionSummaryDocument]
    next: Annotated[str | None, Field(examples=["1795301234567890-019a9b6c7d5e7f00a1b2c3d4e5f60718"])]
    """The `cursor` for older runs; null if there are none."""

    @classmethod
    def of(cls, page: Page) -> "ExecutionsDocument":
        found = [ExecutionSummaryDocument.model_validate(execution) for execution in page.executions]
        return cls(executions=found, next=str(page.next) if page.next else None)


def executions_routes(executions: Executions) -> APIRouter:
    """``GET /api/v1/executions`` and ``GET /api/v1/executions/{id}``."""
    router = APIRouter(prefix="/api/v1/executions", tags=["executions"])

    @router.get(
        "",
        summary="Runs of flows, newest first",
        responses=answers("VALIDATION_ERROR", "EXECUTIONS_UNAVAILABLE"),
        openapi_extra={"parameters": _PARAMETERS},
    )
    async def list_executions(request: Request) -> ExecutionsDocument:
        """Runs of flows, newest first; a page after another stays right while runs are added."""
        query = read_query(request.scope["query_string"], _OPTIONS)
        page = await executions.page(
            flow=_flow(query), status=_status(query), limit=_limit(query), before=_cursor(query)
        )
        return ExecutionsDocument.of(page)

    @router.get(
        "/{id}",
        summary="One run of a flow",
        response_model=ExecutionDocument,
        responses=answers("NOT_FOUND", "VALIDATION_ERROR", "EXECUTIONS_UNAVAILABLE"),
        openapi_extra={"parameters": [_ID]},
    )
    async def get_execution(request: Request) -> ExecutionDocument | Response:
        """A run of a flow, with its steps."""
        read_query(request.scope["query_string"], ())
        asked: str = request.path_params["id"]
        found = await executions.find(asked) if _NUL not in asked else None
        if found is None:
            return not_found("There is no execution with this id, or none that is still kept.")
        return ExecutionDocument.model_validate(found)

    return router


def _flow(query: Mapping[str, str]) -> str | None:
    given = query.get("flow")
    if given is not None and not re.fullmatch(FLOW_NAME, given):
        raise InvalidInput.of_option("flow", "string_pattern_mismatch", "Input should be the name of a flow")
    return given


def _status(query: Mapping[str, str]) -> Status | None:
    given = query.get("status")
    if given is None:
        return None
    for status in _STATUSES:
        if status == given:
            return status
    raise InvalidInput.of_option("status", "literal_error", f"Input should be one of {', '.join(_STATUSES)}")


def _limit(query: Mapping[str, str]) -> int:
    given = query.get("limit", str(_LISTED))
    if given.isascii() and given.isdigit() and len(given) < 10 and 1 <= int(given) <= MOST_LISTED:
        return int(given)
    raise InvalidInput.of_option("limit", "int_parsing", f"Input should be a whole number from 1 to {MOST_LISTED}")


def _cursor(query: Mapping[str, str]) -> Cursor | None:
    given = query.get("cursor")
    try:
        return Cursor.read(given) if given is not None else None
    except ValueError as error:
        message = "Input should be the `next` of another answer"
        raise InvalidInput.of_option("cursor", "value_error", message) from error


def _parameter(name: str, description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


_PARAMETERS = [
    _parameter("flow", "Only runs of the flow with this name.", {"type": "string", "pattern": FLOW_NAME}),
    _parameter("status", "Only runs with this status.", {"type": "string", "enum": list(_STATUSES)}),
    _parameter(
        "limit",
        "Maximum number of runs.",
        {"type": "integer", "minimum": 1, "maximum": MOST_LISTED, "default": _LISTED},
    ),
    _parameter(
        "cursor",
        "The `next` of an earlier response, for older runs.",
        {"type": "string", "pattern": CURSOR_PATTERN},
    ),
]
_OPTIONS = tuple(parameter["name"] for parameter in _PARAMETERS)
_ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "The run's id, as in the header `X-Execution-ID`.",
    "schema": {"type": "string"},
}
