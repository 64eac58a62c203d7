"""The routes that show runs of flows."""

from collections.abc import Iterator
from typing import Any

import pytest
from declared_flows.errors import ExecutionsUnavailable
from declared_flows.executions.record import Execution, Failure, Status
from declared_flows.executions.store import Cursor, Page
from fastapi import FastAPI
from fastapi.testclient import TestClient
from housing_price_orchestrator.api.flows.executions import executions_routes
from housing_price_orchestrator.api.http.problems import handle_errors
from made_executions import made_execution

ROUTE = "/api/v1/executions"


class ExecutionsInMemory:
    """Keeps runs in a list, and remembers what it was asked."""

    def __init__(self) -> None:
        self.kept: list[Execution] = []
        self.asked: dict[str, Any] = {}
        self.is_down = False

    def record(self, execution: Execution) -> None:
        self.kept.insert(0, execution)

    async def page(self, *, flow: str | None, status: Status | None, limit: int, before: Cursor | None) -> Page:
        self.asked = {"flow": flow, "status": status, "limit": limit, "before": before}
        if self.is_down:
            raise ExecutionsUnavailable
        found = self.kept[:limit]
        return Page(found, Cursor.of(found[-1]) if len(self.kept) > limit else None)

    async def find(self, execution_id: str) -> Execution | None:
        return next((execution for execution in self.kept if execution.id == execution_id), None)


@pytest.fixture
def executions() -> ExecutionsInMemory:
    return ExecutionsInMemory()


@pytest.fixture
def client(executions: ExecutionsInMemory) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(executions_routes(executions))
    handle_errors(app)
    with TestClient(app) as client:
        yield client


def test_a_list_has_summaries_without_steps(client: TestClient, executions: ExecutionsInMemory) -> None:
    execution = made_execution(0.5, status="failed", error=Failure("DEADLINE_EXCEEDED", "Time is up."))
    executions.record(execution)

    answer = client.get(ROUTE)

    assert answer.json() == {
        "executions": [
            {
                "id": execution.id,
                "flow": "property-valuation",
                "route": "GET /api/v1/properties/{parcel_id}/valuation",
                "status": "failed",
                "startedAt": "2026-11-21T12:00:00.500000Z",
                "durationSeconds": 0.31,
                "error": {"code": "DEADLINE_EXCEEDED", "message": "Time is up."},
                "requestId": "r-1",
            }
        ],
        "next": None,
    }


def test_filters_reach_the_store(client: TestClient, executions: ExecutionsInMemory) -> None:
    client.get(ROUTE, params={"flow": "churn", "status": "degraded", "limit": "7"})

    assert executions.asked == {"flow": "churn", "status": "degraded", "limit": 7, "before": None}


def test_a_list_is_of_fifty_unless_it_is_told_otherwise(client: TestClient, executions: ExecutionsInMemory) -> None:
    client.get(ROUTE)

    assert executions.asked == {"flow": None, "status": None, "limit": 50, "before": None}


def test_the_cursor_of_an_answer_leads_on(client: TestClient, executions: ExecutionsInMemory) -> None:
    for second in range(3):
        executions.record(made_execution(second))
    first = client.get(ROUTE, params={"limit": 2}).json()

    client.get(ROUTE, params={"limit": 2, "cursor": first["next"]})

    assert executions.asked["before"] == Cursor.of(executions.kept[1])


def test_one_run_has_its_request_and_its_steps(client: TestClient, executions: ExecutionsInMemory) -> None:
    execution = made_execution()
    executions.record(execution)

    document = client.get(f"{ROUTE}/{execution.id}").json()

    assert document["request"] == {"path": {"parcel_id": 7}, "query": {}}
    assert [step["status"] for step in document["steps"]] == ["succeeded", "defaulted", "skipped"]
    assert document["steps"][1] == {
        "name": "market",
        "source": "market-api",
        "operation": "index",
        "status": "defaulted",
        "startedAfterSeconds": 0.003,
        "durationSeconds": 0.3,
        "attempts": 2,
        "cacheHit": False,
        "rows": None,
        "servedBy": None,
        "error": {"code": "UPSTREAM_UNAVAILABLE", "message": "It took too long."},
    }


def test_an_unknown_run_is_404(client: TestClient) -> None:
    answer = client.get(f"{ROUTE}/nobody")

    assert answer.status_code == 404
    assert answer.json()["code"] == "NOT_FOUND"
    assert answer.json()["detail"] == "There is no execution with this id, or none that is still kept."


def test_an_id_that_no_database_takes_is_404(client: TestClient, executions: ExecutionsInMemory) -> None:
    async def refuse(execution_id: str) -> Execution | None:
        raise ExecutionsUnavailable

    executions.find = refuse  # type: ignore[method-assign]  # as PostgreSQL does

    assert client.get(f"{ROUTE}/a%00b").status_code == 404


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("limit", value) for value in ("0", "201", "-1", "", "ten", "1.5", "\uff19", "1" * 5000)),
        *(("status", value) for value in ("", "done", "Failed")),
        *(("flow", value) for value in ("", "a\0b", "Valuation", "a\n", "a" * 65)),
        *(("cursor", value) for value in ("", "x", "1", "-1-a", "99999999999999999-a", "1-a;drop", "1-" + "a" * 65)),
    ],
)
def test_a_bad_option_is_422_and_named(
    client: TestClient, executions: ExecutionsInMemory, option: str, value: str
) -> None:
    answer = client.get(ROUTE, params={option: value})

    assert answer.status_code == 422
    assert answer.json()["code"] == "VALIDATION_ERROR"
    assert [mistake["loc"] for mistake in answer.json()["detail"]] == [["query", option]]
    assert executions.asked == {}


def test_a_database_that_does_not_answer_is_503(client: TestClient, executions: ExecutionsInMemory) -> None:
    executions.is_down = True

    answer = client.get(ROUTE)

    assert answer.status_code == 503
    assert answer.json()["code"] == "EXECUTIONS_UNAVAILABLE"
    assert answer.headers["retry-after"] == "5"


def test_the_description_names_options_and_errors(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]

    assert [each["name"] for each in paths[ROUTE]["get"]["parameters"]] == ["flow", "status", "limit", "cursor"]
    assert {"200", "422", "503"} <= set(paths[ROUTE]["get"]["responses"])
    assert {"200", "404", "503"} <= set(paths[f"{ROUTE}/{{id}}"]["get"]["responses"])
