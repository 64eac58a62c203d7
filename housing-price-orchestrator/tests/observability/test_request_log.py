"""What operators read: one line for what went wrong, ids that can be followed."""

import re

import httpx
import pytest
from fake_model_server import FakeModelServer
from fastapi.testclient import TestClient
from house_record import example_document
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.settings import CorsSettings, LogSettings, Settings
from price_routes import PREDICT
from structlog.typing import EventDict

KEYS = {
    "event",
    "log_level",
    "request_id",
    "trace_id",
    "client",
    "key",
    "method",
    "route",
    "status",
    "code",
    "cause",
    "duration_ms",
    "rows",
    "model_version",
    "left_out",
}
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def completed(logged: list[EventDict]) -> list[EventDict]:
    return [line for line in logged if line["event"] == "request completed"]


def api_with(settings: Settings, model_server: FakeModelServer) -> TestClient:
    client = httpx.MockTransport(model_server)
    return TestClient(create_app(settings, client), raise_server_exceptions=False)


def test_a_good_request_has_no_line(api: TestClient, logged: list[EventDict]) -> None:
    api.post(PREDICT, json=example_document())

    assert completed(logged) == []


def test_a_users_mistake_is_one_line_without_stack_trace(api: TestClient, logged: list[EventDict]) -> None:
    api.post(PREDICT, json=example_document(street="Dummy"))

    [line] = completed(logged)
    assert set(line) == KEYS
    assert (line["log_level"], line["status"], line["code"]) == ("info", 422, "VALIDATION_ERROR")
    assert line["route"] == PREDICT
    assert "Dummy" not in str(logged)


def test_every_request_has_a_line_where_the_setting_says_so(
    model_server: FakeModelServer, logged: list[EventDict]
) -> None:
    with api_with(Settings.model_construct(log=LogSettings(requests="all")), model_server) as api:
        api.post(PREDICT, json=example_document())

    [line] = completed(logged)
    assert (line["status"], line["rows"], line["model_version"]) == (200, 1, "3")


def test_a_slow_request_is_a_warning(model_server: FakeModelServer, logged: list[EventDict]) -> None:
    with api_with(Settings.model_construct(log=LogSettings(slow_request_seconds=1e-9)), model_server) as api:
        api.get("/health")

    [line] = completed(logged)
    assert (line["log_level"], line["status"]) == ("warning", 200)


def test_a_failing_model_is_an_error_line(
    api: TestClient, model_server: FakeModelServer, logged: list[EventDict]
) -> None:
    model_server.misbehave = lambda request: httpx.Response(500)

    api.post(PREDICT, json=example_document())

    [line] = completed(logged)
    assert (line["log_level"], line["code"]) == ("error", "UPSTREAM_BAD_ANSWER")


def test_a_bug_is_logged_with_its_stack_trace(
    api: TestClient, model_server: FakeModelServer, logged: list[EventDict]
) -> None:
    def explode(request: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError

    model_server.misbehave = explode

    api.post(PREDICT, json=example_document())

    [line] = [line for line in logged if line["event"] == "unexpected error"]
    assert line["exc_info"]


def test_polling_an_unready_service_does_not_fill_the_log(
    model_server: FakeModelServer, logged: list[EventDict]
) -> None:
    model_server.misbehave = lambda request: httpx.Response(503)
    with api_with(Settings.model_construct(), model_server) as api:
        assert api.get("/ready").status_code == 503

    assert completed(logged) == []


def test_a_callers_request_id_is_echoed_and_sent_on(api: TestClient, model_server: FakeModelServer) -> None:
    answer = api.post(PREDICT, json=example_document(), headers={"X-Request-ID": "order-66_a.b"})

    assert answer.headers["x-request-id"] == "order-66_a.b"
    assert model_server.requests[-1].headers["x-request-id"] == "order-66_a.b"


@pytest.mark.parametrize("bad", ["", "with space", "x" * 129, "näme", "a;b"])
def test_an_ill_formed_request_id_is_replaced(api: TestClient, bad: str) -> None:
    answer = api.get("/health", headers=[(b"X-Request-ID", bad.encode("latin-1"))])

    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


def test_a_traceparent_is_logged_and_sent_on(
    api: TestClient, model_server: FakeModelServer, logged: list[EventDict]
) -> None:
    api.post(PREDICT, json=example_document(), headers={"traceparent": TRACEPARENT})
    api.post(PREDICT, json={}, headers={"traceparent": TRACEPARENT})

    assert TRACEPARENT in [request.headers.get("traceparent") for request in model_server.requests]
    assert completed(logged)[0]["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize("bad", ["nonsense", "00-" + "0" * 32 + "-00f067aa0ba902b7-01", "ff" + TRACEPARENT[2:]])
def test_an_ill_formed_traceparent_is_dropped(api: TestClient, model_server: FakeModelServer, bad: str) -> None:
    api.post(PREDICT, json=example_document(), headers={"traceparent": bad})

    assert all("traceparent" not in request.headers for request in model_server.requests)


def test_no_web_page_may_call_by_default(api: TestClient) -> None:
    answer = api.get("/health", headers={"Origin": "https://a.example"})

    assert "access-control-allow-origin" not in answer.headers


def test_a_web_page_of_an_allowed_origin_may_call(model_server: FakeModelServer) -> None:
    settings = Settings.model_construct(cors=CorsSettings(origins=("https://a.example",)))
    with api_with(settings, model_server) as api:
        preflight = api.options(
            PREDICT,
            headers={
                "Origin": "https://a.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type",
            },
        )
        answer = api.post(PREDICT, json={}, headers={"Origin": "https://a.example"})
        stranger = api.get("/health", headers={"Origin": "https://b.example"})

        foreign = api.options(PREDICT, headers={"Origin": "https://b.example", "Access-Control-Request-Method": "POST"})

    assert preflight.status_code == 200
    assert foreign.status_code == 204
    assert "access-control-allow-origin" not in foreign.headers
    assert "x-request-id" in answer.headers["access-control-expose-headers"]
    assert answer.headers["access-control-allow-origin"] == "https://a.example"
    assert "access-control-allow-origin" not in stranger.headers
