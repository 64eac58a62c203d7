"""What monitoring scrapes: bounded labels, and never a value of a request."""

from fake_model_server import FakeModelServer
from fastapi.testclient import TestClient
from house_record import example_document
from housing_price_orchestrator.domain import RequestContext
from housing_price_orchestrator.observability.metrics.metrics import Metrics
from housing_price_orchestrator.service.events import PricesAnswered
from housing_price_orchestrator.service.stages import Stages
from price_routes import PREDICT
from prometheus_client.parser import text_string_to_metric_families


def samples(api: TestClient, name: str) -> dict[tuple[str, ...], float]:
    return samples_of(api.get("/metrics").text, name)


def samples_of(text: str, name: str) -> dict[tuple[str, ...], float]:
    return {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


def test_requests_are_counted_by_route_template_and_status(api: TestClient) -> None:
    api.post(PREDICT, json=example_document())
    api.post(PREDICT, json={})
    api.get("/no/such/address")

    counted = samples(api, "http_requests_total")
    assert counted["POST", PREDICT, "200"] == 1
    assert counted["POST", PREDICT, "422"] == 1
    assert counted["GET", "unmatched", "404"] == 1
    assert not any("no/such" in label for labels in counted for label in labels)


def test_durations_start_at_5_milliseconds(api: TestClient) -> None:
    api.get("/health")

    bounds = [float(labels[0]) for labels in samples(api, "http_request_duration_seconds_bucket")]
    assert min(bounds) == 0.005


def test_calls_to_the_model_are_measured_with_their_outcome(api: TestClient, model_server: FakeModelServer) -> None:
    api.post(PREDICT, json=example_document())
    model_server.misbehave = lambda request: model_server._answer(500, {})  # noqa: SLF001  its own helper
    api.post(PREDICT, json=example_document())

    counted = samples(api, "model_call_duration_seconds_count")
    assert counted["predict", "answered"] >= 1
    assert counted["predict", "BadUpstreamAnswer"] >= 1


def test_the_model_that_answers_is_named(api: TestClient) -> None:
    api.post(PREDICT, json=example_document())

    assert samples(api, "model_info") == {("housing-price", "3"): 1.0}


def test_only_the_model_that_answers_now_is_shown(api: TestClient, model_server: FakeModelServer) -> None:
    api.post(PREDICT, json=example_document())
    model_server.version = "4"
    api.post(PREDICT, json=example_document())

    assert samples(api, "model_info") == {("housing-price", "4"): 1.0}


def test_refused_fields_are_counted_by_name_never_by_value(api: TestClient) -> None:
    api.post(PREDICT, json=example_document(street="my-secret-street") | {"my-secret-field": 1})

    counted = samples(api, "fields_refused_total")
    assert counted == {("street", "literal_error"): 1.0, ("unknown", "extra_forbidden"): 1.0}
    assert "my-secret" not in api.get("/metrics").text


def test_priced_and_improbable_houses_are_counted(api: TestClient) -> None:
    rows = [example_document(), example_document(garage_yr_blt=2207)]

    api.post(PREDICT + "/batch", json={"data": rows})

    assert samples(api, "houses_implausible_total") == {("GARAGE_BUILT_AFTER_SALE",): 1.0}


def test_gauges_of_load_and_readiness_are_there(api: TestClient) -> None:
    names = [family.name for family in text_string_to_metric_families(api.get("/metrics").text)]

    assert {"http_requests_in_flight", "model_calls_waiting", "event_loop_lag_seconds", "ready"} <= set(names)
    assert "process_resident_memory_bytes" in names


def test_stages_and_merged_calls_and_repeats_are_observed() -> None:
    metrics = Metrics()

    stages = Stages(validate=0.0, queue=0.25, upstream=0.0, model=0.0, respond=0.0)
    metrics.requests.observe_prices(PricesAnswered(RequestContext(), [], [], "1", stages))
    metrics.model.observe_batch(requests=3, rows=20)
    metrics.model.count_lookups(hits=2, misses=1)

    text = metrics.exposition().decode()
    assert samples_of(text, "request_stage_seconds_sum")["queue",] == 0.25
    assert samples_of(text, "model_call_requests_sum") == {(): 3}
    assert samples_of(text, "model_call_rows_sum") == {(): 20}
    assert samples_of(text, "repeats_total") == {("hit",): 2, ("miss",): 1}


def test_requests_are_counted_with_their_time() -> None:
    metrics = Metrics()

    for seconds in (0.25, 0.5):
        metrics.requests.count_request("GET", "/health", 200, seconds)

    text = metrics.exposition().decode()
    assert samples_of(text, "http_requests_total") == {("GET", "/health", "200"): 2}
    assert samples_of(text, "http_request_duration_seconds_sum") == {("/health", "200"): 0.75}


def test_gauges_follow_what_they_speak_of() -> None:
    metrics = Metrics()
    waiting = [3]
    metrics.model.waiting.set_function(waiting.pop)
    metrics.observe_state()

    assert samples_of(metrics.exposition().decode(), "model_calls_waiting") == {(): 3}
