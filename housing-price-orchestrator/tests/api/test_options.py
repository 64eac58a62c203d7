"""What a price can have beside it: interval, explanation, comparable sales, and a flag for what the model never saw."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import httpx2
import pytest
from fake_model_server import LOT_AREA, FakeModelServer, make_record
from fastapi.testclient import TestClient
from house_record import COLUMNS, example_document, example_house, model_row
from house_record.price import BatchPrices, SinglePrice
from housing_price_orchestrator.api.options import MAX_EXPLAINED_ROWS
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.domain import ModelDetails, ModelIdentity, ModelRequest
from housing_price_orchestrator.provider.model.embedded import EmbeddedModel
from housing_price_orchestrator.settings import RepeatSettings, Settings
from price_routes import BATCH, PREDICT

HOUSE = example_document()
TWO = {"data": [HOUSE, example_document(id=2, lot_area=300_000)]}
ROUTES = [(PREDICT, HOUSE), (BATCH, TWO)]
EVERYTHING = {"coverage": 0.8, "explain": True, "comparables": 2}

both_routes = pytest.mark.parametrize(("route", "body"), ROUTES, ids=["single", "batch"])


@pytest.fixture
def model_server() -> FakeModelServer:
    return FakeModelServer(gives_records=True)


@pytest.fixture
def plain_api(settings: Settings) -> Iterator[TestClient]:
    """In front of a model that gives numbers alone."""
    with TestClient(create_app(settings, httpx.MockTransport(FakeModelServer()))) as api:
        yield api


def sent_bodies(model_server: FakeModelServer) -> list[bytes]:
    return [request.content for request in model_server.requests if request.url.path == "/invocations"]


def refusal(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code == 422
    assert answer.json()["code"] == "VALIDATION_ERROR"
    (mistake,) = answer.json()["detail"]
    return dict(mistake)


def test_the_interval_of_the_model_stands_in_every_answer(api: TestClient) -> None:
    single = api.post(PREDICT, json=HOUSE).json()
    batch = api.post(BATCH, json=TWO).json()

    assert list(single) == ["id", "predictedPrice", "pricedAsOf", "predictionInterval", "warnings", "modelVersion"]
    assert single["predictionInterval"] == {"lower": 91_530.14, "upper": 131_714.11, "coverage": 0.9}
    assert batch["predictions"][0]["predictionInterval"] == single["predictionInterval"]


def test_another_coverage_can_be_asked_for(api: TestClient) -> None:
    default, narrow = (
        api.post(PREDICT, params=params, json=HOUSE).json()["predictionInterval"] for params in ({}, {"coverage": 0.5})
    )

    assert narrow["coverage"] == 0.5
    assert default["lower"] < narrow["lower"] < narrow["upper"] < default["upper"]


def test_an_explanation_sums_to_the_price_largest_effect_first(api: TestClient) -> None:
    answer = api.post(PREDICT, params={"explain": "true"}, json=HOUSE).json()

    assert answer["explanation"] == {
        "baselinePrice": 50_000.13,
        "contributions": [
            {"field": "overallQual", "amount": 50_000.0},
            {"field": "lotArea", "amount": 11_622.0},
        ],
    }
    assert answer["predictedPrice"] == 111_622.13


def test_comparable_sales_say_what_differs(api: TestClient) -> None:
    first, second = api.post(PREDICT, params={"comparables": 2}, json=HOUSE).json()["comparables"]

    assert (first["id"], first["price"], first["distance"]) == (1, 112_622.13, 0.1)
    assert first["differences"][0] == {"field": "lotArea", "house": 11_622.0, "comparable": 12_622.0}
    assert second["id"] == 2


def test_comparable_sales_carry_their_own_key_fields_and_marks(api: TestClient, model_server: FakeModelServer) -> None:
    record = make_record(list(model_row(example_house())), comparables=1) | {"comparables_reach": 0.05}
    record["comparables"][0]["sale"] |= {"Neighborhood": "NoRidge", "SaleCondition": "Abnorml"}
    model_server.misbehave = lambda _: httpx.Response(200, json={"predictions": [record]})

    answer = api.post(PREDICT, params={"comparables": 1}, json=HOUSE).json()

    (sale,) = answer["comparables"]
    assert (sale["sale"]["grLivArea"], sale["sale"]["neighborhood"], sale["sale"]["yrSold"]) == (896.0, "NoRidge", 2010)
    assert (sale["abnormalSale"], sale["otherNeighborhood"]) == (True, True)
    assert [warning["code"] for warning in answer["warnings"]] == ["NOTHING_COMPARABLE"]


def test_a_house_unlike_the_training_sales_is_flagged(api: TestClient) -> None:
    usual, unusual = api.post(BATCH, json=TWO).json()["predictions"]

    assert "outOfDistribution" not in usual
    assert unusual["outOfDistribution"] is True
    (warning,) = unusual["warnings"]
    assert (warning["code"], warning["fields"]) == ("BEYOND_TRAINING_RANGE", ["lotArea"])
    assert "300,000" in warning["message"]
    assert 'houses_implausible_total{code="BEYOND_TRAINING_RANGE"} 1.0' in api.get("/metrics").text


@pytest.mark.parametrize("options", [{}, EVERYTHING], ids=["nothing", "everything"])
def test_what_goes_over_the_wire_is_the_documented_answer(api: TestClient, options: dict[str, Any]) -> None:
    single = api.post(PREDICT, params=options, json=HOUSE).content
    batch = api.post(BATCH, params=options, json=TWO).content

    assert SinglePrice.model_validate_json(single, strict=True).json_bytes() == single
    assert BatchPrices.model_validate_json(batch, strict=True).json_bytes() == batch


def test_without_options_the_model_is_sent_the_table_alone(api: TestClient, model_server: FakeModelServer) -> None:
    table = {"columns": list(COLUMNS), "data": [list(model_row(example_house()))]}
    expected = json.dumps({"dataframe_split": table}, separators=(",", ":")).encode()

    for params in ({}, {"timing": "true"}, {"coverage": "0.9", "explain": "false", "comparables": "0"}):
        api.post(PREDICT, params=params, json=HOUSE)
        assert sent_bodies(model_server)[-1] == expected


@both_routes
def test_the_model_is_told_what_is_asked_for(
    api: TestClient, model_server: FakeModelServer, route: str, body: dict[str, Any]
) -> None:
    api.post(route, params={**EVERYTHING, "timing": True}, json=body)

    assert json.loads(sent_bodies(model_server)[-1])["params"] == EVERYTHING


@both_routes
@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("coverage", value) for value in ("0.49", "0.991", "nan", "inf", "", "wide", "-0.9", "90%")),
        *(("explain", value) for value in ("perhaps", "", "2")),
        *(("comparables", value) for value in ("-1", "21", "1.5", "", "nan", "all", "9" * 5000)),
    ],
)
def test_a_value_that_an_option_does_not_take_is_refused(
    api: TestClient, route: str, body: dict[str, Any], option: str, value: str
) -> None:
    assert refusal(api.post(route, params={option: value}, json=body))["loc"] == ["query", option]


@both_routes
@pytest.mark.parametrize("params", [{"coverage": 0.5}, {"coverage": 0.99}, {"comparables": 20}, {"explain": "1"}])
def test_the_bounds_of_an_option_are_within(
    api: TestClient, route: str, body: dict[str, Any], params: dict[str, Any]
) -> None:
    assert api.post(route, params=params, json=body).status_code == 200


@both_routes
@pytest.mark.parametrize(
    ("params", "lacks"),
    [
        ({"coverage": 0.8}, "prediction intervals"),
        ({"coverage": 0.9}, "prediction intervals"),
        ({"explain": True}, "explanations"),
        ({"comparables": 3}, "comparable sales"),
    ],
)
def test_what_the_model_does_not_give_is_refused_by_name(
    plain_api: TestClient, route: str, body: dict[str, Any], params: dict[str, Any], lacks: str
) -> None:
    mistake = refusal(plain_api.post(route, params=params, json=body))

    assert mistake["loc"] == ["query", *params]
    assert "version 3" in mistake["msg"]
    assert lacks in mistake["msg"]


@both_routes
def test_a_model_that_gives_numbers_alone_is_answered_as_ever(
    plain_api: TestClient, route: str, body: dict[str, Any]
) -> None:
    answer = plain_api.post(route, json=body)

    assert answer.status_code == 200
    assert b"predictionInterval" not in answer.content


@pytest.mark.parametrize(
    "changes",
    [
        {"lower": 200_000.0},
        {"upper": None},
        {"coverage": 7},
        {"outside": [{"code": "NEW"}]},
        {"explanation": {"baseline": 1.0, "contributions": {}}},
        {"comparables": [{"id": "x"}]},
    ],
    ids=str,
)
def test_a_malformed_record_is_a_bad_upstream_answer(
    api: TestClient, model_server: FakeModelServer, changes: dict[str, Any]
) -> None:
    row = list(model_row(example_house()))
    malformed = make_record(row, 0.9, explain=True, comparables=1) | changes
    model_server.misbehave = lambda _: httpx.Response(200, json={"predictions": [malformed]})

    answer = api.post(PREDICT, params={"explain": True, "comparables": 1}, json=HOUSE)

    assert (answer.status_code, answer.json()["code"]) == (502, "UPSTREAM_BAD_ANSWER")


@pytest.mark.parametrize("option", ["explain", "comparables"])
def test_many_houses_are_not_explained_at_once(api: TestClient, model_server: FakeModelServer, option: str) -> None:
    most = {"data": [HOUSE] * MAX_EXPLAINED_ROWS}
    assert api.post(BATCH, params={option: "1"}, json=most).status_code == 200

    before = len(model_server.requests)
    mistake = refusal(api.post(BATCH, params={option: "1"}, json={"data": [*most["data"], HOUSE]}))

    assert mistake["loc"] == ["query", option]
    assert str(MAX_EXPLAINED_ROWS) in mistake["msg"]
    tables = model_server.invocations[before:]
    assert all(len(table["data"]) == 1 for table in tables)


def test_large_batches_have_intervals_of_the_coverage_asked_for(api: TestClient) -> None:
    answer = api.post(BATCH, params={"coverage": 0.6}, json={"data": [HOUSE] * 1000}).json()

    assert {price["predictionInterval"]["coverage"] for price in answer["predictions"]} == {0.6}


def test_intervals_are_remembered_and_explanations_are_not(model_server: FakeModelServer) -> None:
    settings = Settings.model_construct(repeats=RepeatSettings(enabled=True))
    house = example_document(lot_area=12_345)
    with TestClient(create_app(settings, httpx.MockTransport(model_server))) as api:
        for params in ({}, {"coverage": 0.8}, {"explain": True}):
            first, again = (api.post(PREDICT, params=params, json=house).json() for _ in range(2))
            assert first == again

    told = [
        json.loads(body).get("params")
        for body in sent_bodies(model_server)
        if json.loads(body)["dataframe_split"]["data"][0][LOT_AREA] == 12_345
    ]
    assert told == [None, {"coverage": 0.8}, {"explain": True}, {"explain": True}]


async def test_a_model_in_this_process_is_told_the_same() -> None:
    row = model_row(example_house())

    async with EmbeddedModel(
        lambda columns, rows, params: [make_record(list(row), **params) for row in rows],
        ModelDetails(ModelIdentity("housing-price", "3")),
    ) as model:
        (default,) = (await model.predict(ModelRequest(COLUMNS, [row]))).outputs
        (narrow,) = (await model.predict(ModelRequest(COLUMNS, [row], {"coverage": 0.5}))).outputs

    assert (default["coverage"], narrow["coverage"]) == (0.9, 0.5)


@pytest.mark.parametrize("given", ["2001", "60000", "999999999", "9999999999", "9" * 400, "0" * 400 + "60000"])
@pytest.mark.parametrize("path", [PREDICT, BATCH, "/api/v1/price/model"])
def test_a_time_limit_above_the_services_own_is_cut_to_it(api: TestClient, path: str, given: str) -> None:
    body = None if path.endswith("model") else TWO if path == BATCH else HOUSE
    answer = api.request("POST" if body else "GET", path, json=body, headers={"X-Request-Timeout-Ms": given})

    assert answer.status_code == 200


@pytest.mark.parametrize("given", ["", "soon", "-5", "+5", "1.5", "1e3", "5 s", "0x10", "500,500", "x" * 300])
def test_a_time_limit_that_is_no_number_is_quoted_and_refused(api: TestClient, given: str) -> None:
    mistake = refusal(api.post(PREDICT, json=HOUSE, headers={"X-Request-Timeout-Ms": given}))

    assert (mistake["loc"], mistake["input"]) == (["header", "X-Request-Timeout-Ms"], given[:100])
    assert mistake["msg"] == "Input should be a whole number of milliseconds, such as 500"
