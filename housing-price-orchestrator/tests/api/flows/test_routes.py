"""The routes that files declare, in the whole application: what callers send, and what they are answered."""

import asyncio
import codecs
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from api_keys.keys import Scope
from declared_flows.sources.port import Params
from fake_model_server import FakeModelServer
from fastapi.testclient import TestClient
from house_record import minimal_document
from housing_price_orchestrator.access.keys import key_file
from housing_price_orchestrator.bootstrap import flow_surroundings
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.settings import FlowSettings, KeySettings, Settings, ValuationSettings
from openapi_spec_validator import validate
from pydantic import SecretStr
from scripted_source import SOURCE, ScriptedKind
from upstream_resilience.errors import BadUpstreamAnswer, UpstreamUnavailable
from waiting import wait_until

FLOWS = """
flows:
- name: things
  description: A thing by its id.
  route: {path: "/api/v1/things/{id}", summary: Find a thing}
  request:
    path: {id: {type: integer, minimum: 1}}
    query:
      label: {type: string, optional: true, max_length: 20}
      tag: {type: array, items: {type: string}, default: []}
    headers: {x_tenant: {type: string, optional: true}}
  steps:
    found:
      source: things
      operation: ask
      params:
        id: $request.path.id
        label: $request.query.label
        tags: $request.query.tag
        tenant: $request.headers.x_tenant
      not_found: 404
    extra: {source: things, operation: find, params: {id: $request.path.id}, optional: true, default: {name: none}}
  response: {found: $found, extra: $extra.name}
  answer: {extra: {type: string}}
  keep_request: true
- name: texts
  route: {path: "/api/v1/texts/{text}/{more}"}
  request: {path: {text: {type: string}, more: {type: string}}}
  steps: {found: {value: $request.path}}
  response: {found: $found}
- name: bodies
  route: {method: POST, path: /api/v1/bodies}
  request: {body: {type: object, properties: {n: {type: number}, any: {optional: true}}}}
  steps: {found: {value: "${request.body.n * 2.0}"}}
  response: {twice: $found}
- name: valuation
  route: {method: POST, path: "/api/v1/valuations/{reference}"}
  request: {path: {reference: {type: string}}, query: {coverage: {type: number, default: 0.9}}, body: {record: house}}
  steps:
    price:
      source: pricing-model
      operation: predict
      params: {house: $request.body, coverage: $request.query.coverage}
  response: {reference: $request.path.reference, price: $price.predictedPrice}
- name: dated
  route: {method: POST, path: /api/v1/dated}
  request: {query: {month: {type: string, optional: true}}, body: {record: house}}
  steps:
    price:
      source: pricing-model
      operation: predict
      params: {house: $request.body, as_of: $request.query.month}
    prices:
      source: pricing-model
      operation: predict_batch
      params: {houses: ["$request.body"], as_of: $request.query.month}
  response: {single: $price.pricedAsOf, batch: "${prices[0].pricedAsOf}"}
- name: costs
  route: {method: POST, path: /api/v1/costs}
  request: {body: {type: array, items: {type: integer}}}
  steps: {found: {source: things, operation: ask, params: {}}}
  response: {kinds: "${ request.body.filter(x, x > 3).distinct().size() }", found: $found}
- name: writes
  route: {method: PUT, path: "/api/v1/things/{id}"}
  request: {path: {id: {type: integer}}}
  steps: {done: {source: things, operation: write, params: {id: $request.path.id}}}
  response: {done: true}
"""

DOWN = UpstreamUnavailable("nobody listens there", "refused")


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> ScriptedKind:
    kind = ScriptedKind()
    monkeypatch.setattr(flow_surroundings, "installed_kinds", lambda: {"scripted": kind})
    kind.answers["things.find"] = gives({"name": "n", "size": 1.0, "tags": []})
    return kind


def gives(value: Any) -> Any:
    async def answer(_: Params) -> Any:
        if isinstance(value, Exception):
            raise value
        return value

    return answer


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "sources.yaml").write_text(SOURCE)
    (folder / "things.yaml").write_text(FLOWS)
    executions = SecretStr(f"sqlite:///{tmp_path}/executions.db")
    return Settings.model_construct(
        flows=FlowSettings(folder=folder, watch=False, executions_url=executions),
        valuation=ValuationSettings(as_of="2009-11"),
    )


@contextmanager
def running(settings: Settings) -> Iterator[TestClient]:
    app = create_app(settings, httpx.MockTransport(FakeModelServer()))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def api(kind: ScriptedKind, settings: Settings) -> Iterator[TestClient]:
    with running(settings) as client:
        yield client


def code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_flow_answers_with_its_document_and_execution_id(api: TestClient) -> None:
    answer = api.get("/api/v1/things/7?label=a%20b&tag=x&tag=y", headers={"X-Tenant": "acme"})

    assert answer.status_code == 200
    assert answer.json() == {
        "found": {"id": 7, "label": "a b", "tags": ["x", "y"], "tenant": "acme"},
        "extra": "n",
    }
    assert len(answer.headers["x-execution-id"]) == 32
    assert answer.headers["x-request-id"]


def test_a_house_is_priced_as_the_route_for_prices_does(api: TestClient) -> None:
    answer = api.post("/api/v1/valuations/R-7", json=minimal_document())
    direct = api.post("/api/v1/price/predict", json=minimal_document())

    assert answer.json() == {"reference": "R-7", "price": direct.json()["predictedPrice"]}


def test_a_step_prices_as_of_its_month_and_else_of_the_setting(api: TestClient) -> None:
    house = minimal_document() | {"yrSold": None, "moSold": None}
    asked, unasked = (
        api.post("/api/v1/dated", params=params, json=house).json() for params in ({"month": "2026-12"}, {})
    )

    assert (asked, unasked) == ({"single": "2026-12", "batch": "2026-12"}, {"single": "2009-11", "batch": "2009-11"})


def test_a_month_that_a_step_can_not_take_is_the_callers_mistake(api: TestClient) -> None:
    answer = api.post("/api/v1/dated", params={"month": "2026-13"}, json=minimal_document())

    assert code(answer) == (422, "VALIDATION_ERROR")


def test_a_bad_house_is_reported_as_on_the_price_route(api: TestClient) -> None:
    body = minimal_document() | {"lotArea": "large", "colour": "red"}

    answer, direct = api.post("/api/v1/valuations/R-7", json=body), api.post("/api/v1/price/predict", json=body)

    assert code(answer) == (422, "VALIDATION_ERROR")
    assert answer.json()["detail"] == direct.json()["detail"]


def test_all_mistakes_outside_of_a_body_are_told_at_once(api: TestClient) -> None:
    answer = api.get(f"/api/v1/things/zero?label={'x' * 30}")

    assert code(answer) == (422, "VALIDATION_ERROR")
    assert [diagnostic["loc"] for diagnostic in answer.json()["detail"]] == [["path", "id"], ["query", "label"]]
    assert "x-execution-id" not in answer.headers


@pytest.mark.parametrize(
    ("query", "loc"), [("label=a&label=b", ["query", "label"]), ("label=" + "x" * 21, ["query", "label"])]
)
def test_an_option_that_is_wrong_is_named(api: TestClient, query: str, loc: list[str]) -> None:
    answer = api.get(f"/api/v1/things/1?{query}")

    assert code(answer) == (422, "VALIDATION_ERROR")
    assert [diagnostic["loc"] for diagnostic in answer.json()["detail"]] == [loc]


@pytest.mark.parametrize(("path", "names"), [("/api/v1/things/1", "'label', 'tag'"), ("/api/v1/texts/a/b", "none")])
def test_an_option_that_a_flow_does_not_declare_is_refused(api: TestClient, path: str, names: str) -> None:
    answer = api.get(f"{path}?zzz=1&lable=x")

    assert code(answer) == (422, "VALIDATION_ERROR")
    unknown, misspelt = [mistake["msg"] for mistake in answer.json()["detail"]]
    assert unknown == f"There is no such option; this address takes {names}"
    assert ("did you mean 'label'?" in misspelt) == (names != "none")


@pytest.mark.parametrize("query", ["label=%ff", "label=%c3%28", "%ff=1"])
def test_a_query_that_is_no_utf_8_is_refused(api: TestClient, query: str) -> None:
    assert code(api.get(f"/api/v1/things/1?{query}")) == (400, "MALFORMED_REQUEST")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a/b", {"text": "a", "more": "b"}),
        ("a%2Fb/c%3Fd", {"text": "a/b", "more": "c?d"}),
        ("..%2F..%2Fetc/%2e%2e", {"text": "../../etc", "more": ".."}),
        ("caf%C3%A9/%7Bid%7D", {"text": "café", "more": "{id}"}),
        ("a%20b/%24request", {"text": "a b", "more": "$request"}),
        ("%25/%2525", {"text": "%", "more": "%25"}),
    ],
)
def test_a_path_segment_is_decoded_once(api: TestClient, path: str, found: dict[str, str]) -> None:
    answer = api.get(f"/api/v1/texts/{path}")

    assert answer.json() == {"found": found}


@pytest.mark.parametrize("path", ["a", "a/", "/a", "a/b/c", "a/b/", "%ff/b", "a%0Ab/c", "a%00/c"])
def test_other_addresses_are_nothing(api: TestClient, path: str) -> None:
    assert code(api.get(f"/api/v1/texts/{path}")) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"n": 2}', 200),
        (b'{"n": "2"}', 422),
        (b'{"n": 2, "m": 3}', 422),
        (b"[]", 422),
        (b"", 422),
        (b'{"n": 2', 422),
        (b'{"n": NaN}', 422),
        (b'{"n": 1, "any": NaN}', 422),
        (b'{"n": 1, "any": [-Infinity]}', 422),
        (b'{"n": 1, "any": "NaN"}', 200),
        (b'{"n": 1e999}', 422),
        (b'{"n": 1, "any": ' + b"[" * 300 + b"]" * 300 + b"}", 422),
        (b'{"n": "\xff"}', 400),
        (codecs.BOM_UTF8 + b'{"n": 2}', 200),
        ('{"n": 2}'.encode("utf-16"), 400),
    ],
)
def test_a_body_is_what_is_declared_or_refused(api: TestClient, body: bytes, status: int) -> None:
    answer = api.post("/api/v1/bodies", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == status
    if status == 422:
        assert answer.json()["code"] == "VALIDATION_ERROR"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
@pytest.mark.parametrize("path", ["bodies", "valuations/R-7"])
def test_another_encoding_of_a_body_is_named(api: TestClient, path: str, encoding: str) -> None:
    answer = api.post(
        f"/api/v1/{path}", content='{"n": 2}'.encode(encoding), headers={"content-type": "application/json"}
    )

    assert "the body is UTF-16; send UTF-8" in answer.text


def test_a_body_of_another_media_type_is_415(api: TestClient) -> None:
    assert code(api.post("/api/v1/bodies", content=b"n=2")) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/v1/things/7", "GET, PUT"),
        ("OPTIONS", "/api/v1/bodies", "POST"),
        ("GET", "/api/v1/bodies", "POST"),
    ],
)
def test_another_method_is_405_and_says_which_there_are(api: TestClient, method: str, path: str, allowed: str) -> None:
    answer = api.request(method, path)

    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_nothing_found_is_404_as_the_step_says(api: TestClient, kind: ScriptedKind) -> None:
    kind.answers["things.ask"] = gives(None)

    answer = api.get("/api/v1/things/7")

    assert code(answer) == (404, "NOT_FOUND")
    assert answer.json()["detail"] == "There is nothing of that kind: step `found` found none."
    assert answer.headers["x-execution-id"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (DOWN, (503, "UPSTREAM_UNAVAILABLE")),
        (UpstreamUnavailable("it has too much to do", "status", 7), (503, "UPSTREAM_UNAVAILABLE")),
        (BadUpstreamAnswer("it answered with status 500"), (502, "UPSTREAM_BAD_ANSWER")),
    ],
)
def test_a_source_that_fails_is_named_with_its_step(
    api: TestClient, kind: ScriptedKind, error: Exception, expected: tuple[int, str]
) -> None:
    kind.answers["things.ask"] = gives(error)

    answer = api.get("/api/v1/things/7")

    assert code(answer) == expected
    assert answer.json()["detail"].startswith("Step `found`, which asks `things`, failed: ")
    if getattr(error, "retry_after_seconds", None):
        assert answer.headers["retry-after"] == "7"


def test_a_costly_request_ends_at_its_time_and_health_answers_meanwhile(api: TestClient, kind: ScriptedKind) -> None:
    has_begun = threading.Event()

    async def note(_: Params) -> Any:
        has_begun.set()
        return {}

    kind.answers["things.ask"] = note
    with ThreadPoolExecutor(1) as thread:
        short = {"X-Request-Timeout-Ms": "1500"}
        hostile = thread.submit(api.post, "/api/v1/costs", json=list(range(100_000)), headers=short)
        assert has_begun.wait(60)

        assert api.get("/health").status_code == 200
        assert not hostile.done()
        assert code(hostile.result()) == (504, "DEADLINE_EXCEEDED")


def test_a_source_that_is_optional_leaves_the_answer_degraded(api: TestClient, kind: ScriptedKind) -> None:
    kind.answers["things.find"] = gives(DOWN)

    document = api.get("/api/v1/things/7").json()

    assert (document["extra"], document["degraded"]) == ("none", ["extra"])


def test_a_bug_in_a_source_is_500(api: TestClient, kind: ScriptedKind) -> None:
    kind.answers["things.ask"] = gives(ZeroDivisionError("secret"))

    answer = api.get("/api/v1/things/7")

    assert code(answer) == (500, "INTERNAL_ERROR")
    assert "secret" not in answer.text
    assert until_kept(api, flow="things")["status"] == "failed"


def test_a_caller_can_shorten_the_time(api: TestClient, kind: ScriptedKind) -> None:
    async def hang(_: Params) -> Any:
        await asyncio.sleep(60)

    kind.answers["things.ask"] = hang

    answer = api.get("/api/v1/things/7", headers={"X-Request-Timeout-Ms": "100"})

    assert code(answer) == (504, "DEADLINE_EXCEEDED")
    assert code(api.get("/api/v1/things/7", headers={"X-Request-Timeout-Ms": "soon"})) == (422, "VALIDATION_ERROR")


def until_kept(api: TestClient, **options: Any) -> dict[str, Any]:
    """The newest run, once it has been written down."""
    while not (found := api.get("/api/v1/executions", params=options).json()["executions"]):
        pass
    document: dict[str, Any] = api.get(f"/api/v1/executions/{found[0]['id']}").json()
    return document


def test_a_run_is_kept_with_its_steps(api: TestClient, kind: ScriptedKind) -> None:
    kind.answers["things.find"] = gives(BadUpstreamAnswer("it answered with status 500"))
    answer = api.get("/api/v1/things/7?label=mine", headers={"x-request-id": "r-7"})

    run = until_kept(api, flow="things")

    assert run["id"] == answer.headers["x-execution-id"]
    assert (run["status"], run["requestId"], run["route"]) == ("degraded", "r-7", "GET /api/v1/things/{id}")
    assert run["request"]["path"] == {"id": 7}
    found, extra = run["steps"]
    assert (found["name"], found["source"], found["operation"]) == ("found", "things", "ask")
    assert (found["status"], found["attempts"], found["error"]) == ("succeeded", 1, None)
    assert (extra["status"], extra["attempts"], extra["error"]["code"]) == ("defaulted", 1, "UPSTREAM_BAD_ANSWER")


def test_flows_are_counted(api: TestClient) -> None:
    api.get("/api/v1/things/7")
    api.get("/api/v1/things/zero")

    text = api.get("/metrics").text

    assert 'flow_runs_total{flow="things",status="succeeded"} 1.0' in text
    assert 'flow_step_duration_seconds_count{flow="things",status="succeeded",step="found"} 1.0' in text
    assert 'flow_step_calls_total{flow="things",source="things",step="found"} 1.0' in text
    assert 'http_requests_total{method="GET",route="/api/v1/things/{id}",status="200"} 1.0' in text
    assert 'http_requests_total{method="GET",route="/api/v1/things/{id}",status="422"} 1.0' in text
    assert 'flow_reloads_total{outcome="loaded"} 1.0' in text
    assert "flows_served 7.0" in text
    assert "flows_sound 1.0" in text


def test_a_new_file_is_served_after_an_admin_reload(api: TestClient, settings: Settings) -> None:
    folder = settings.flows.folder
    assert folder
    new = "name: new\nroute: {path: /api/v1/new}\nsteps: {a: {value: 1}}\nresponse: {a: $a}\n"
    assert api.get("/api/v1/new").status_code == 404
    assert "/api/v1/new" not in api.get("/openapi.json").json()["paths"]

    (folder / "new.yaml").write_text(new)
    answer = api.post("/api/v1/admin/flows/reload")

    assert answer.json()["generation"] == 2
    assert "new" in answer.json()["flows"]
    assert api.get("/api/v1/new").json() == {"a": 1}
    assert "/api/v1/new" in api.get("/openapi.json").json()["paths"]


def test_a_bad_file_is_reported_by_line_and_changes_nothing(api: TestClient, settings: Settings) -> None:
    folder = settings.flows.folder
    assert folder
    (folder / "things.yaml").write_text(FLOWS.replace("$found, extra", "$fuond, extra"))

    answer = api.post("/api/v1/admin/flows/reload")

    assert code(answer) == (422, "VALIDATION_ERROR")
    assert answer.json()["detail"] == [
        {"type": "flow_mistake", "loc": ["things.yaml", 23], "msg": "there is no step `fuond`; did you mean `found`?"}
    ]
    assert api.get("/api/v1/things/7").status_code == 200
    said = api.get("/ready").json()["checks"]["flows"]
    assert said.startswith("1 mistake in their files, the first: things.yaml:23: there is no step `fuond`")
    assert "The previous flows are still served: things, texts" in said
    metrics = api.get("/metrics").text
    assert 'flow_reloads_total{outcome="refused"} 1.0' in metrics
    assert "flows_sound 0.0" in metrics


def test_the_openapi_document_is_valid_and_has_the_flows(api: TestClient) -> None:
    document = api.get("/openapi.json").json()

    validate(document)
    things = document["paths"]["/api/v1/things/{id}"]["get"]
    assert (things["operationId"], things["summary"], things["description"]) == (
        "flowThings",
        "Find a thing",
        "A thing by its id.",
    )
    assert [(each["in"], each["name"], each["required"]) for each in things["parameters"]] == [
        ("path", "id", True),
        ("query", "label", False),
        ("query", "tag", False),
        ("header", "x-tenant", False),
        ("header", "X-Request-Timeout-Ms", False),
    ]
    assert {"200", "404", "422", "502", "503", "504"} <= set(things["responses"])
    answer = things["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer["properties"]["extra"] == {"type": "string"}
    assert "degraded" in answer["properties"]
    assert "degraded" not in answer["required"]
    valuation = document["paths"]["/api/v1/valuations/{reference}"]["post"]
    assert valuation["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/House"}


def test_each_address_needs_its_scope(kind: ScriptedKind, settings: Settings, tmp_path: Path) -> None:
    keys = KeySettings(file=tmp_path / "keys.json")
    file = key_file(keys)
    of = {scope: file.add(scope.value, [scope]) for scope in (Scope.PREDICT, Scope.READ, Scope.ADMIN)}
    asked = {
        Scope.PREDICT: ("GET", "/api/v1/things/7"),
        Scope.READ: ("GET", "/api/v1/executions"),
        Scope.ADMIN: ("POST", "/api/v1/admin/flows/reload"),
    }

    with running(settings.model_copy(update={"keys": keys})) as api:
        for needed, (method, path) in asked.items():
            assert api.request(method, path).status_code == 401
            for scope, key in of.items():
                answer = api.request(method, path, headers={"X-API-Key": key})
                assert answer.status_code == (200 if scope in (needed, Scope.ADMIN) else 403), (scope, path)


def test_an_encoded_slash_changes_no_scope(kind: ScriptedKind, settings: Settings, tmp_path: Path) -> None:
    folder = settings.flows.folder
    assert folder
    (folder / "tenants.yaml").write_text(
        "name: tenants\nroute: {path: '/api/{tenant}/valuation'}\nrequest: {path: {tenant: {type: string}}}\n"
        "steps: {a: {value: $request.path.tenant}}\nresponse: {a: $a}\n"
    )
    keys = KeySettings(file=tmp_path / "keys.json")
    reads, predicts = (
        key_file(keys).add("r", [Scope.READ]),
        key_file(keys).add("p", [Scope.PREDICT]),
    )

    with running(settings.model_copy(update={"keys": keys})) as api:
        assert api.get("/api/acme/valuation", headers={"X-API-Key": predicts}).json() == {"a": "acme"}
        for path in (
            "/api/v1%2Fexecutions%2Fx/valuation",
            "/api/v1%2Fadmin/valuation",
            "/api/v1%2Fprice%2Fmodel/valuation",
        ):
            assert api.get(path, headers={"X-API-Key": reads}).status_code in (403, 404)
            assert api.get(path, headers={"X-API-Key": predicts}).status_code == 403


def test_a_database_of_executions_that_fails_is_named_when_ready_and_stops_nothing(
    kind: ScriptedKind, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    flows = settings.flows.model_copy(update={"executions_url": SecretStr(f"sqlite:///{tmp_path}/file/x.db")})

    with running(settings.model_copy(update={"flows": flows})) as api:
        wait_until(lambda: "executions" in api.get("/ready").json()["checks"])
        said = api.get("/ready").json()["checks"]["executions"]
        assert api.get("/api/v1/things/7").status_code == 200

    assert said == "Executions can't be stored now, and wait in memory; the log says why."


def test_without_a_folder_the_admin_route_says_so() -> None:
    with running(Settings.model_construct()) as api:
        assert code(api.get("/api/v1/things/7")) == (404, "NOT_FOUND")
        answer = api.post("/api/v1/admin/flows/reload")
        assert code(answer) == (404, "NOT_FOUND")
        assert "ORCHESTRATOR_FLOWS__FOLDER" in answer.json()["detail"]
        assert api.get("/api/v1/executions").json() == {"executions": [], "next": None}
        assert "flows" not in api.get("/ready").json()["checks"]
