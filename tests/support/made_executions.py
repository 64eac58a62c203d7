"""Runs of flows for tests of what keeps and shows them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from declared_flows.executions.record import Execution, Failure, StepRun, new_execution_id

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

STEPS = (
    StepRun(
        name="house",
        source="assessor-db",
        operation="house_by_parcel",
        status="succeeded",
        started_after_seconds=0.001,
        duration_seconds=0.002,
        attempts=1,
        rows=1,
    ),
    StepRun(
        name="market",
        source="market-api",
        operation="index",
        status="defaulted",
        started_after_seconds=0.003,
        duration_seconds=0.3,
        attempts=2,
        error=Failure("UPSTREAM_UNAVAILABLE", "It took too long."),
    ),
    StepRun(name="insurance", source="insurance-model", operation="predict", status="skipped"),
)


def made_execution(second: float = 0, **fields: Any) -> Execution:
    """A run that began so many seconds after noon."""
    started_at = NOON + timedelta(seconds=second)
    made: dict[str, Any] = {
        "id": new_execution_id(int(started_at.timestamp() * 1e9)),
        "flow": "property-valuation",
        "route": "GET /api/v1/properties/{parcel_id}/valuation",
        "status": "degraded",
        "started_at": started_at,
        "duration_seconds": 0.31,
        "request_id": "r-1",
        "request": {"path": {"parcel_id": 7}, "query": {}},
        "steps": STEPS,
    }
    return Execution(**made | fields)
