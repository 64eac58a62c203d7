"""Where the time of a request went: told to the caller who asks, and to monitoring always."""

import re

import pytest
from fake_model_server import MODEL_MILLISECONDS, FakeModelServer
from fastapi.testclient import TestClient
from house_record import example_document
from housing_price_orchestrator.domain import CallTiming
from housing_price_orchestrator.service.stages import STAGES, Stages
from price_routes import BATCH, PREDICT


def milliseconds(header: str) -> dict[str, float]:
    return {stage: float(duration) for stage, duration in re.findall(r"(\w+);dur=([0-9.]+)", header)}


@pytest.mark.parametrize(("route", "body"), [(PREDICT, example_document()), (BATCH, {"data": [example_document()]})])
def test_a_caller_who_asks_is_told_every_stage(api: TestClient, route: str, body: dict[str, object]) -> None:
    answer = api.post(route, params={"timing": "true"}, json=body)

    assert tuple(milliseconds(answer.headers["server-timing"])) == STAGES


def test_nobody_else_is_told(api: TestClient) -> None:
    answer = api.post(PREDICT, json=example_document())

    assert "server-timing" not in answer.headers


def test_the_models_own_time_is_not_counted_twice() -> None:
    timing = CallTiming(queue_seconds=0.01, upstream_seconds=0.005, model_seconds=0.002)

    stages = Stages.of(timing, validate=0.001, total=0.020)

    assert stages.model == 0.002
    assert stages.upstream == pytest.approx(0.003)
    assert sum(getattr(stages, stage) for stage in STAGES) == pytest.approx(0.020)


def test_an_unknown_model_time_counts_as_upstream() -> None:
    stages = Stages.of(CallTiming(upstream_seconds=0.005), validate=0.001, total=0.010)

    assert (stages.upstream, stages.model) == (0.005, 0.0)


def test_the_models_time_is_believed_within_the_call(api: TestClient, model_server: FakeModelServer) -> None:
    told = milliseconds(api.post(PREDICT, params={"timing": "true"}, json=example_document()).headers["server-timing"])
    assert 0 < told["model"] <= MODEL_MILLISECONDS

    model_server.version = None
    told = milliseconds(api.post(PREDICT, params={"timing": "true"}, json=example_document()).headers["server-timing"])
    assert told["model"] == 0


def test_an_option_with_a_wrong_value_is_refused(api: TestClient, model_server: FakeModelServer) -> None:
    answer = api.post(PREDICT, params={"timing": "perhaps"}, json=example_document())

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", "timing"]
    assert answer.json()["code"] == "VALIDATION_ERROR"


def test_monitoring_sees_every_stage(api: TestClient) -> None:
    api.post(PREDICT, json=example_document())

    text = api.get("/metrics").text
    for stage in STAGES:
        assert f'request_stage_seconds_count{{stage="{stage}"}} 1.0' in text
