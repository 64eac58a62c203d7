"""What callers and sources send too much of, or of the wrong kind: who is told, and what it costs."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from declared_flows.executions.record import Status
from declared_flows.executions.sampling import Sampler
from declared_flows.notation.expressions import Expression
from declared_flows.service.state import FlowState
from declared_flows.sources.port import Params
from fake_model_server import FakeModelServer
from fastapi.testclient import TestClient
from house_record import minimal_document
from housing_price_orchestrator.api.documents import ReadinessDocument
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.service.readiness import Readiness
from housing_price_orchestrator.settings import FlowSettings, ReadinessSettings, Settings
from pydantic import SecretStr
from scripted_source import SOURCE, ScriptedKind, diagnostics_of

FLOWS = """
flows:
- name: each
  route: {method: POST, path: /api/v1/each}
  request: {body: {type: object, properties: {items: {type: array}, f: {type: number}}}}
  steps: {all: {for_each: $request.body.items, value: "${ item * request.body.f }", max_items: 50}}
  response: {all: $all}
- name: listed
  route: {path: /api/v1/listed}
  steps:
    items: {source: things, operation: ask}
    all: {for_each: $items.items, value: $item, max_items: 3}
  response: {all: $all}
- name: divided
  route: {path: "/api/v1/divided/{by}"}
  request: {path: {by: {type: integer}}}
  steps: {found: {value: "${ 10 / request.path.by }"}}
  response: {found: $found}
- name: lots
  route: {method: POST, path: /api/v1/lots}
  request: {body: {type: array, items: {record: house}}, query: {coverage: {type: number, optional: true}}}
  steps:
    known: {source: things, operation: find, params: {id: 7}}
    prices:
      source: pricing-model
      operation: predict_batch
      params: {houses: $request.body, coverage: $request.query.coverage}
  response: {prices: $prices, name: $known.name}
- name: foreign
  route: {path: /api/v1/foreign}
  steps:
    houses: {source: things, operation: ask}
    prices: {source: pricing-model, operation: predict_batch, params: {houses: $houses.items}}
  response: {prices: $prices}
- name: foreign-one
  route: {path: /api/v1/foreign-one}
  steps:
    houses: {source: things, operation: ask}
    price: {source: pricing-model, operation: predict, params: {house: "${ houses.items[0] }"}}
  response: {price: $price}
- name: one
  route: {path: "/api/v1/one/{id}"}
  request: {path: {id: {type: integer}}}
  steps: {found: {source: things, operation: find, params: {id: $request.path.id}, not_found: 404}}
  response: {found: $found}
"""


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> ScriptedKind:
    kind = ScriptedKind()
    monkeypatch.setattr(
        "housing_price_orchestrator.bootstrap.flow_surroundings.installed_kinds", lambda: {"scripted": kind}
    )
    kind.answers["things.find"] = gives({"name": "n", "size": 1.0, "tags": []})
    return kind


@pytest.fixture
def api(kind: ScriptedKind, tmp_path: Path) -> Any:

    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "sources.yaml").write_text(SOURCE)
    (folder / "flows.yaml").write_text(FLOWS)
    executions = SecretStr(f"sqlite:///{tmp_path}/executions.db")
    flows = FlowSettings(folder=folder, watch=False, executions_url=executions)
    app = create_app(Settings.model_construct(flows=flows), httpx.MockTransport(FakeModelServer()))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def gives(value: Any) -> Any:
    async def answer(_: Params) -> Any:
        return value

    return answer


def test_an_expression_is_given_what_it_reads_and_nothing_else() -> None:
    unreadable = object()  # which the library could not take
    values = {"request": {"body": unreadable, "query": {"f": 2, "other": unreadable}}, "house": unreadable}

    assert Expression("request.query.f * 2").value(values) == 4
    assert Expression("has(request.query.g) ? 1 : 0").value(values) == 0
    assert Expression("request.query.f + size(list)").value({**values, "list": [1]}) == 3


def test_whoever_gives_too_long_a_list_is_at_fault(api: TestClient, kind: ScriptedKind) -> None:
    kind.answers["things.ask"] = gives({"items": [1, 2, 3, 4]})

    callers = api.post("/api/v1/each", json={"items": list(range(51)), "f": 1})
    sources = api.get("/api/v1/listed")

    assert (callers.status_code, sources.status_code) == (422, 502)
    assert "51 items, and 50 are the most" in callers.json()["detail"][0]["msg"]


def test_thousands_of_mistakes_are_counted_and_not_listed(api: TestClient) -> None:
    body = {f"unknown{number}": 1 for number in range(2000)}

    answer = api.post("/api/v1/each", json=body).json()

    assert [diagnostic["type"] for diagnostic in answer["detail"]] == ["too_many_mistakes"]


def test_an_expression_over_a_bad_request_is_the_callers_mistake(api: TestClient) -> None:
    assert api.get("/api/v1/divided/5").json() == {"found": 2}

    refused = api.get("/api/v1/divided/0")

    assert refused.status_code == 422
    assert "it divides by zero" in refused.json()["detail"][0]["msg"]


def test_a_request_parameter_stays_the_callers_among_parameters_of_steps(api: TestClient) -> None:
    refused = api.post("/api/v1/lots?coverage=3", json=[minimal_document()])

    assert refused.status_code == 422
    assert refused.json()["detail"][0]["loc"] == ["query", "coverage"]


def test_a_batch_in_a_flow_counts_as_others_do(api: TestClient) -> None:
    answer = api.post("/api/v1/lots", json=[minimal_document() | {"id": 1}, minimal_document() | {"id": 2}])

    assert [price["id"] for price in answer.json()["prices"]] == [1, 2]
    assert "houses_priced_total 2.0" in api.get("/metrics").text


def test_a_bad_house_from_a_source_is_the_sources_fault(api: TestClient, kind: ScriptedKind) -> None:
    kind.answers["things.ask"] = gives({"items": [{"id": 1}]})

    answer = api.get("/api/v1/foreign")

    assert answer.status_code == 502
    assert "`houses.0`: 'lotArea', 'neighborhood', " in answer.json()["detail"]
    assert "; a price needs at least 'id', 'lotArea', " in answer.json()["detail"]


def test_all_that_a_house_from_a_source_lacks_is_told_at_once(api: TestClient, kind: ScriptedKind) -> None:
    kind.answers["things.ask"] = gives({"items": [{"id": 1}]})

    answer = api.get("/api/v1/foreign-one")

    assert answer.status_code == 502
    assert "7 fields are required, but missing: `house.lotArea`, `house.neighborhood`, " in answer.json()["detail"]


def test_what_is_not_found_or_refused_is_no_failure(api: TestClient, kind: ScriptedKind) -> None:
    kind.answers["things.find"] = gives(None)

    api.get("/api/v1/one/7")
    api.get("/api/v1/divided/0")

    statuses = {run["flow"]: run["status"] for run in api.get("/api/v1/executions").json()["executions"]}
    assert statuses == {"one": "not_found", "divided": "refused"}


def test_runs_that_failed_are_kept_however_many_there_are() -> None:
    sample = Sampler(2, now=lambda: 7.0)
    statuses: list[Status] = ["succeeded", "not_found", "refused", "succeeded", "failed", "degraded", "cancelled"]

    assert [sample.keeps(status) for status in statuses] == [True, True, False, False, True, True, True]


def test_a_service_without_any_loaded_flows_is_not_ready() -> None:
    ready = Readiness(ReadinessSettings(), is_ready=True)

    assert ReadinessDocument.of(ready, FlowState(0, (), problem="no folder")).status == "not ready"
    assert ReadinessDocument.of(ready, FlowState(1, ("a",), problem="no folder")).status == "ready"


@pytest.mark.parametrize(
    ("part", "diagnostic"),
    [
        ("query: {o: {type: object}}", "`o`: a query has texts, numbers, truth values, and lists of them"),
        ("headers: {l: {type: array}}", "`l`: a header is a text, a number or a truth value"),
    ],
)
def test_types_no_query_or_header_can_hold_are_mistakes(part: str, diagnostic: str) -> None:
    flow = (
        f"name: a\nroute: {{path: /a}}\nrequest: {{{part}}}\nsteps: {{x: {{value: $request}}}}\nresponse: {{x: $x}}\n"
    )

    assert any(diagnostic in found for found in diagnostics_of(flow))


def test_a_default_must_be_what_the_source_would_answer() -> None:
    step = "{source: things, operation: find, params: {id: 7}, optional: true, default: {nmae: x}}"
    flow = f"name: a\nroute: {{path: /a}}\nsteps: {{x: {step}}}\nresponse: {{x: $x}}\n"

    assert any(
        "`default`: the answer has no field `nmae`; did you mean `name`?" in found
        for found in diagnostics_of(flow, SOURCE)
    )
