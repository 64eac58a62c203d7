"""Every row of the table of errors that can be asked for in process; broken HTTP is in the process tests."""

from collections.abc import Callable
from typing import Any

import httpx
import httpx2
import pytest
from declared_flows.errors import NothingFound, StepFailed, UnusableParams
from fake_model_server import FakeModelServer
from fastapi.testclient import TestClient
from house_record import example_document, minimal_document
from housing_price_orchestrator import errors
from housing_price_orchestrator.api.http.problems import ALL_KINDS, KINDS, error_response, kind_of
from housing_price_orchestrator.settings import LimitSettings, PricingModelSettings, Settings
from price_routes import BATCH, MODEL, PREDICT
from upstream_resilience.errors import NotReady, UpstreamError, UpstreamUnavailable


def assert_problem(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["detail"].endswith(".")
    assert problem["requestId"] == answer.headers["x-request-id"]
    return problem


def concrete_errors(base: type[errors.KnownError]) -> list[type[errors.KnownError]]:
    below = base.__subclasses__()
    return [base] if not below else [leaf for kind in below for leaf in concrete_errors(kind)]


def test_every_error_class_has_a_row_or_its_bases() -> None:
    leaves = [leaf for base in errors.KNOWN_ERRORS for leaf in concrete_errors(base)]
    rows = {kind: next((base for base in kind.__mro__ if base in KINDS), None) for kind in leaves}

    of_steps = {NothingFound, StepFailed, UnusableParams}
    assert {kind for kind, row in rows.items() if row is None} == of_steps
    assert set(KINDS) == {row for row in rows.values() if row}


def test_an_error_of_a_step_is_answered_as_its_reason() -> None:
    down = UpstreamUnavailable("the connection was refused", "refused", 7.0)

    assert kind_of(StepFailed("market", "market-api", down)) == KINDS[UpstreamUnavailable]
    assert kind_of(NothingFound("house")).code == "NOT_FOUND"
    assert kind_of(UnusableParams("`area` is missing")).code == "UPSTREAM_BAD_ANSWER"
    assert error_response(StepFailed("market", "market-api", down)).headers["retry-after"] == "7"


def test_an_error_of_a_foreign_source_has_a_row_too() -> None:
    assert kind_of(NotReady("is loading")).code == "MODEL_NOT_READY"
    assert kind_of(UpstreamError("it failed")).code == "INTERNAL_ERROR"


def test_a_step_that_fails_on_the_request_alone_is_422() -> None:
    wrong = UnusableParams("`coverage` is too large")

    assert error_response(StepFailed("price", "pricing-model", wrong, ["query", "coverage"])).status_code == 422
    assert error_response(StepFailed("price", "pricing-model", wrong)).status_code == 502


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in ALL_KINDS]

    assert len(codes) == len(set(codes))


def test_an_unknown_address_is_404(api: TestClient) -> None:
    assert_problem(api.get("/api/v1/nothing"), 404, "NOT_FOUND")


def test_a_trailing_slash_is_another_address(api: TestClient) -> None:
    assert_problem(api.post(PREDICT + "/", json=example_document()), 404, "NOT_FOUND")


def test_a_wrong_method_is_405_and_names_the_right_one(api: TestClient) -> None:
    answer = api.get(PREDICT)

    assert_problem(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {"content-type": "application/json", "content-encoding": "br"},
    ],
)
def test_other_media_types_are_415_before_parsing(api: TestClient, headers: dict[str, str]) -> None:
    assert_problem(api.post(PREDICT, content=b"{ broken", headers=headers), 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("media_type", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"])
def test_json_is_accepted_however_it_is_written(api: TestClient, media_type: str) -> None:
    body = httpx.Request("POST", "http://x", json=minimal_document()).content

    assert api.post(PREDICT, content=body, headers={"content-type": media_type}).status_code == 200


def test_invalid_utf8_is_400(api: TestClient) -> None:
    answer = api.post(PREDICT, content=b'{"id": "\xff"}', headers={"content-type": "application/json"})

    assert_problem(answer, 400, "MALFORMED_REQUEST")


def test_one_row_too_many_is_413_even_with_invalid_rows(api: TestClient) -> None:
    problem = assert_problem(api.post(BATCH, json={"data": [{}, *[minimal_document()] * 1000]}), 413, "TOO_LARGE")

    assert "1,000" in problem["detail"]


@pytest.mark.parametrize("declared", [True, False])
def test_one_byte_too_many_is_413(api: TestClient, declared: bool) -> None:
    body = b" " * (5 * 1024 * 1024 + 1)
    content = body if declared else iter([body])

    answer = api.post(PREDICT, content=content, headers={"content-type": "application/json"})

    assert_problem(answer, 413, "TOO_LARGE")


def test_a_body_that_is_declared_too_large_is_not_read(api: TestClient) -> None:
    headers = {"content-type": "application/json", "content-length": str(5 * 1024 * 1024 + 1)}

    assert_problem(api.post(PREDICT, content=b"{}", headers=headers), 413, "TOO_LARGE")


def test_the_largest_body_is_accepted(api: TestClient) -> None:
    body = httpx.Request("POST", "http://x", json=minimal_document()).content.ljust(5 * 1024 * 1024)

    assert api.post(PREDICT, content=body, headers={"content-type": "application/json"}).status_code == 200


def answer_with(status: int, **kwargs: Any) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(status, **kwargs)


def fail_with(error: type[httpx.HTTPError]) -> Callable[[httpx.Request], httpx.Response]:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error("secret detail of the upstream")

    return fail


@pytest.mark.parametrize(
    ("misbehaviour", "status", "code"),
    [
        (answer_with(200, text="<html>"), 502, "UPSTREAM_BAD_ANSWER"),
        (answer_with(200, json=[1]), 502, "UPSTREAM_BAD_ANSWER"),
        (answer_with(200, json={"error": "x"}), 502, "UPSTREAM_BAD_ANSWER"),
        (answer_with(200, json={"predictions": 1}), 502, "UPSTREAM_BAD_ANSWER"),
        (answer_with(200, json={"predictions": []}), 502, "UPSTREAM_BAD_ANSWER"),
        (answer_with(200, json={"predictions": [1, 2]}), 502, "UPSTREAM_BAD_ANSWER"),
        (answer_with(200, json={"predictions": ["1"]}), 502, "UPSTREAM_BAD_ANSWER"),
        (answer_with(200, json={"predictions": [True]}), 502, "UPSTREAM_BAD_ANSWER"),
        (answer_with(200, json={"predictions": [0]}), 502, "UPSTREAM_BAD_ANSWER"),
        (answer_with(200, json={"predictions": [-1.5]}), 502, "UPSTREAM_BAD_ANSWER"),
        (answer_with(200, json={"predictions": [{"cost": 1}]}), 502, "UPSTREAM_BAD_ANSWER"),
        (answer_with(200, text='{"predictions": [NaN]}'), 502, "UPSTREAM_BAD_ANSWER"),
        (answer_with(200, text='{"predictions": [Infinity]}'), 502, "UPSTREAM_BAD_ANSWER"),
        (answer_with(200, content=b" " * (16 * 1024 * 1024 + 1)), 502, "UPSTREAM_BAD_ANSWER"),
        (answer_with(400, json={"stack_trace": "Traceback"}), 502, "UPSTREAM_BAD_ANSWER"),
        (answer_with(500, text="Traceback"), 502, "UPSTREAM_BAD_ANSWER"),
        (answer_with(302, headers={"location": "http://elsewhere"}), 502, "UPSTREAM_BAD_ANSWER"),
        (fail_with(httpx.ReadError), 502, "UPSTREAM_BAD_ANSWER"),
        (answer_with(404), 503, "MODEL_NOT_READY"),
        (answer_with(502), 503, "UPSTREAM_UNAVAILABLE"),
        (answer_with(503), 503, "UPSTREAM_UNAVAILABLE"),
        (answer_with(504), 503, "UPSTREAM_UNAVAILABLE"),
        (fail_with(httpx.ConnectError), 503, "UPSTREAM_UNAVAILABLE"),
        (fail_with(httpx.ConnectTimeout), 503, "UPSTREAM_UNAVAILABLE"),
    ],
)
def test_each_failure_of_the_model_server_is_one_documented_code(
    api: TestClient,
    model_server: FakeModelServer,
    misbehaviour: Callable[[httpx.Request], httpx.Response],
    status: int,
    code: str,
) -> None:
    model_server.misbehave = misbehaviour

    answer = api.post(PREDICT, json=example_document())

    assert_problem(answer, status, code)
    assert "Traceback" not in answer.text
    assert "secret" not in answer.text
    assert ("retry-after" in answer.headers) is (status == 503)


def test_the_model_route_says_that_the_model_server_is_gone(api: TestClient, model_server: FakeModelServer) -> None:
    model_server.misbehave = fail_with(httpx.ConnectError)

    assert_problem(api.get(MODEL), 503, "UPSTREAM_UNAVAILABLE")


def test_a_bug_of_ours_is_500_without_a_stack_trace(api: TestClient, model_server: FakeModelServer) -> None:
    def explode(request: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError("secret")

    model_server.misbehave = explode

    answer = api.post(PREDICT, json=example_document())

    assert_problem(answer, 500, "INTERNAL_ERROR")
    assert "secret" not in answer.text


@pytest.fixture
def stalling_api(model_server: FakeModelServer) -> TestClient:
    import asyncio

    from housing_price_orchestrator.bootstrap.app import create_app

    async def stall(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    settings = Settings.model_construct(
        pricing_model=PricingModelSettings(timeout_seconds=0.05, max_connections=1, max_waiting=1),
        limits=LimitSettings(),
    )
    client = httpx.MockTransport(stall)
    return TestClient(create_app(settings, client))


def test_a_model_that_does_not_answer_in_time_is_504(stalling_api: TestClient) -> None:
    with stalling_api as api:
        assert_problem(api.post(PREDICT, json=example_document()), 504, "DEADLINE_EXCEEDED")
