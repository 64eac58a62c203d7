"""The strategy `http` in all its protocols, over real HTTP on loopback."""

from collections.abc import Iterator
from typing import Any

import pytest
from declared_flows.errors import UnusableParams
from declared_flows.sources.port import NO_CALL, Call
from fake_model_server import serving
from ml_sources import ROW, Server, ml_source
from upstream_resilience.errors import BadUpstreamAnswer, UpstreamUnavailable

ROWS = [ROW, {"price": 1.0, "yearBuilt": 2001}]


@pytest.fixture
def server() -> Server:
    return Server(lambda body: {"predictions": [812.5] * len(body["dataframe_split"]["data"])})


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    with serving(server) as address:  # type: ignore[arg-type] # any callable will do
        yield address


async def test_mlflow_is_asked_with_the_models_own_columns_in_order(server: Server, url: str) -> None:
    async with ml_source({"http": {"url": url}}, columns={"yearBuilt": "YearBuilt"}) as source:
        answer = await source.operations["predict"](
            {"yearBuilt": 1961, "price": 200_000.5}, Call(headers={"X-Request-ID": "abc"})
        )

    assert answer.value == {"prediction": 812.5}
    assert answer.served_by == f"http: {url}"
    assert server.asked == [{"dataframe_split": {"columns": ["price", "YearBuilt"], "data": [[200_000.5, 1961]]}}]
    assert server.requests[0].url.path == "/invocations"
    assert server.requests[0].headers["x-request-id"] == "abc"


async def test_many_rows_are_one_call(server: Server, url: str) -> None:
    async with ml_source({"http": {"url": url}}) as source:
        answer = await source.operations["predict_many"]({"rows": ROWS}, NO_CALL)

        assert answer.value == [{"prediction": 812.5}] * 2
        assert answer.rows == 2
        assert len(server.requests) == 1
        assert (await source.operations["predict_many"]({"rows": []}, NO_CALL)).value == []
        assert len(server.requests) == 1


async def test_outputs_that_come_as_columns_are_read_by_rows(server: Server, url: str) -> None:
    server.answer = lambda body: {"predictions": {"decision": ["yes", "no"], "rate": [4.5, 5.0]}}
    outputs = {"decision": {"type": "string"}, "rate": {"type": "number"}}
    async with ml_source({"http": {"url": url}}, outputs=outputs) as source:
        answer = await source.operations["predict_many"]({"rows": ROWS}, NO_CALL)

    assert answer.value == [{"decision": "yes", "rate": 4.5}, {"decision": "no", "rate": 5.0}]


async def test_a_classifier_uses_the_threshold_of_the_request(server: Server, url: str) -> None:
    server.answer = lambda body: {"predictions": [[0.6, 0.4]]}
    async with ml_source({"http": {"url": url}}, classifier={"labels": ["no", "yes"]}) as source:
        usual = await source.operations["predict"](ROW, NO_CALL)
        strict = await source.operations["predict"]({**ROW, "threshold": 0.3}, NO_CALL)

    assert (usual.value["label"], strict.value["label"]) == ("no", "yes")
    assert usual.value["probability"] == strict.value["probability"] == 0.4
    assert "threshold" not in server.asked[1]["dataframe_split"]["columns"]


async def test_v2_is_asked_with_a_tensor_for_each_input(server: Server, url: str) -> None:
    server.answer = lambda body: {
        "outputs": [
            {"name": "decision", "datatype": "BYTES", "shape": [2], "data": ["yes", "no"]},
            {"name": "rate", "datatype": "FP64", "shape": [2, 1], "data": [[4.5], [5.0]]},
        ]
    }
    outputs = {"decision": {"type": "string"}, "rate": {"type": "number"}}
    async with ml_source({"http": {"url": url, "protocol": "v2", "model": "loan"}}, outputs=outputs) as source:
        answer = await source.operations["predict_many"]({"rows": ROWS}, NO_CALL)

    assert answer.value == [{"decision": "yes", "rate": 4.5}, {"decision": "no", "rate": 5.0}]
    assert server.requests[0].url.path == "/v2/models/loan/infer"
    assert server.asked == [
        {
            "inputs": [
                {"name": "price", "datatype": "FP64", "shape": [2, 1], "data": [200_000.5, 1.0]},
                {"name": "yearBuilt", "datatype": "INT64", "shape": [2, 1], "data": [1961, 2001]},
            ]
        }
    ]


async def test_v2_takes_one_tensor_and_answers_with_lists(server: Server, url: str) -> None:
    server.answer = lambda body: {"outputs": [{"name": "o", "datatype": "FP32", "shape": [1, 2], "data": [0.25, 0.75]}]}
    load = {"http": {"url": url, "protocol": "v2", "model": "churn", "tensor": "input-0", "datatype": "FP32"}}
    async with ml_source(load, classifier={"labels": ["stays", "goes"]}) as source:
        answer = await source.operations["predict"](ROW, NO_CALL)

    assert answer.value["label"] == "goes"
    assert server.asked == [
        {"inputs": [{"name": "input-0", "datatype": "FP32", "shape": [1, 2], "data": [200_000.5, 1961]}]}
    ]


async def test_v2_has_no_null(url: str) -> None:
    inputs = {"price": {"type": "number", "nullable": True}}
    async with ml_source({"http": {"url": url, "protocol": "v2", "model": "m"}}, inputs=inputs) as source:
        with pytest.raises(UnusableParams, match="null"):
            await source.operations["predict"]({"price": None}, NO_CALL)


async def test_v2_says_at_load_that_there_is_no_such_model(server: Server, url: str) -> None:
    server.answer, server.status = lambda body: {"error": "no model"}, 404
    async with ml_source({"http": {"url": url, "protocol": "v2", "model": "loan"}}) as source:
        assert await source.verify() == [f"http: {url} has no model `loan`: name one that it serves"]
        server.status = 200
        assert await source.verify() == []


async def test_json_is_asked_with_rows_and_its_outputs_are_picked(server: Server, url: str) -> None:
    server.answer = lambda body: {"predictions": [1.5, 2.5]}
    async with ml_source({"http": {"url": url, "protocol": "json", "path": "/score"}}) as source:
        answer = await source.operations["predict_many"]({"rows": ROWS}, NO_CALL)

    assert answer.value == [{"prediction": 1.5}, {"prediction": 2.5}]
    assert server.requests[0].url.path == "/score"
    assert server.asked == [{"rows": ROWS}]


async def test_json_by_template_is_asked_once_for_each_row(server: Server, url: str) -> None:
    server.answer = lambda body: {"out": {"quote": body["house"]["price"] * 2}}
    load = {
        "http": {
            "url": url,
            "protocol": "json",
            "body": {"house": {"price": "{price}", "year": "{yearBuilt}"}, "v": 1},
            "pick": "out.quote",
        }
    }
    async with ml_source(load) as source:
        answer = await source.operations["predict_many"]({"rows": ROWS}, NO_CALL)

    assert answer.value == [{"prediction": 400_001.0}, {"prediction": 2.0}]
    assert server.asked[0] == {"house": {"price": 200_000.5, "year": 1961}, "v": 1}


@pytest.mark.parametrize(
    ("auth", "sent"),
    [
        ({"bearer": {"secret": "token"}}, "Bearer s3cret"),
        ({"basic": {"user": "alice", "password": {"secret": "token"}}}, "Basic YWxpY2U6czNjcmV0"),
    ],
)
async def test_secrets_go_into_headers(server: Server, url: str, auth: Any, sent: str) -> None:
    load = {"http": {"url": url, "auth": auth, "headers": {"X-Tenant": "north"}}}
    async with ml_source(load, secrets={"token": "s3cret"}) as source:
        await source.operations["predict"](ROW, NO_CALL)

    assert server.requests[0].headers["authorization"] == sent
    assert server.requests[0].headers["x-tenant"] == "north"


async def test_a_secret_no_header_can_hold_is_never_sent(server: Server, url: str) -> None:
    load = {"http": {"url": url, "auth": {"bearer": {"secret": "token"}}}}
    async with ml_source(load, secrets={"token": "a\r\nx: b"}) as source:
        with pytest.raises(UpstreamUnavailable, match="`authorization` has a character") as caught:
            await source.operations["predict"](ROW, NO_CALL)
    assert "x: b" not in str(caught.value)
    assert not server.requests


MLFLOW = {"protocol": "mlflow"}
V2 = {"protocol": "v2", "model": "m"}
JSON = {"protocol": "json"}


@pytest.mark.parametrize(
    ("protocol", "answer"),
    [
        (MLFLOW, b"no json"),
        (MLFLOW, b'{"predictions": [NaN]}'),
        (MLFLOW, b'{"predictions": [1e999]}'),
        (MLFLOW, []),
        (MLFLOW, {"predictions": 5}),
        (MLFLOW, {"predictions": []}),
        (MLFLOW, {"predictions": [1.0, 2.0]}),
        (MLFLOW, {"predictions": {"a": [1.0, 2.0]}}),
        (V2, {"outputs": []}),
        (V2, {"outputs": [{"name": "a", "shape": [1]}]}),
        (V2, {"outputs": [{"shape": [1], "data": [1.0]}]}),
        (V2, {"outputs": [{"name": "a", "shape": [2], "data": [1.0, 2.0]}]}),
        (V2, {"outputs": [{"name": "a", "shape": [1, 2], "data": []}]}),
        (V2, {"outputs": [{"name": "a", "shape": [1, 2], "data": [1.0, [2.0]]}]}),
        (V2, {"outputs": [{"name": "a", "shape": "x", "data": [1.0]}]}),
        (JSON, {"out": 1}),
        (JSON, {"predictions": [1.0, 2.0]}),
        (JSON, {"predictions": [[[[]]] * 3, 1]}),
    ],
)
async def test_an_output_without_a_prediction_is_a_bad_answer(
    server: Server, url: str, protocol: Any, answer: Any
) -> None:
    server.answer = lambda body: answer
    async with ml_source({"http": {"url": url, **protocol}}) as source:
        with pytest.raises(BadUpstreamAnswer):
            await source.operations["predict"](ROW, NO_CALL)


@pytest.mark.parametrize("status", [404, 429, 502, 503, 504])
async def test_a_server_that_has_no_answer_now_is_unavailable(server: Server, url: str, status: int) -> None:
    server.status, server.answer = status, lambda body: {"secret": "body"}
    async with ml_source({"http": {"url": url}}) as source:
        with pytest.raises(UpstreamUnavailable, match=str(status)) as caught:
            await source.operations["predict"](ROW, NO_CALL)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("status", [204, 301, 400, 422, 500])
async def test_other_answers_are_bad_ones(server: Server, url: str, status: int) -> None:
    server.status, server.answer = status, lambda body: b""
    async with ml_source({"http": {"url": url}}) as source:
        with pytest.raises(BadUpstreamAnswer):
            await source.operations["predict"](ROW, NO_CALL)


@pytest.mark.parametrize(
    ("status", "blames_rows"), [(400, True), (422, True), (401, False), (403, False), (500, False)]
)
async def test_refused_rows_are_no_failure_of_the_server(
    server: Server, url: str, status: int, *, blames_rows: bool
) -> None:
    server.status, server.answer = status, lambda body: {}
    async with ml_source({"http": {"url": url}}) as source:
        with pytest.raises(BadUpstreamAnswer) as caught:
            await source.operations["predict"](ROW, NO_CALL)
    assert caught.value.blames_rows is blames_rows


@pytest.mark.parametrize("pick", ["avg(predictions)", "contains('abc', `1`)", "sum(keys(@))"])
async def test_what_a_function_does_not_take_is_a_bad_answer(server: Server, url: str, pick: str) -> None:
    server.answer = lambda body: {"predictions": [10**400]}
    async with ml_source({"http": {"url": url, "protocol": "json", "pick": pick}}) as source:
        with pytest.raises(BadUpstreamAnswer):
            await source.operations["predict"](ROW, NO_CALL)


async def test_a_lost_server_hands_over_and_the_answer_names_another(server: Server, url: str) -> None:
    load = [{"http": {"url": "http://127.0.0.1:1"}}, {"http": {"url": url}}]
    async with ml_source(load) as source:
        assert (await source.operations["predict"](ROW, NO_CALL)).served_by == f"http: {url}"


@pytest.mark.parametrize("rows", [None, {}, [1], [ROW] * 3, [{"price": 1.0}]])
async def test_rows_that_are_none_are_unusable(server: Server, url: str, rows: Any) -> None:
    async with ml_source({"http": {"url": url}}, max_rows=2) as source:
        with pytest.raises(UnusableParams):
            await source.operations["predict_many"]({"rows": rows}, NO_CALL)
    assert not server.requests
