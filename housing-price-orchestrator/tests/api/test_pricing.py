"""What front-end developers and analysts call: one price, and many."""

import json
import math

import httpx
import pytest
from fake_model_server import LOT_AREA, FakeModelServer
from fastapi.testclient import TestClient
from house_record import COLUMNS, FIELDS, example_document, minimal_document
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.settings import PricingModelSettings, Settings
from price_routes import BATCH, PREDICT

EXAMPLE_PRICE = 111_622.13
"""What the fake model asks for the example house, in cents."""


def test_a_price_has_cents_the_id_and_the_models_version(api: TestClient) -> None:
    answer = api.post(PREDICT, json=example_document())

    assert answer.status_code == 200
    assert answer.json() == {
        "id": 1461,
        "predictedPrice": EXAMPLE_PRICE,
        "pricedAsOf": "2010-06",
        "warnings": [],
        "modelVersion": "3",
    }


def test_required_fields_alone_are_enough(api: TestClient) -> None:
    answer = api.post(PREDICT, json=minimal_document())

    assert answer.json()["predictedPrice"] == EXAMPLE_PRICE


def test_the_tutorials_snake_case_names_are_the_same_house(api: TestClient, model_server: FakeModelServer) -> None:
    snake_case = {field.name: field.example for field in FIELDS}

    answer = api.post(PREDICT, json=snake_case)

    assert answer.status_code == 200
    api.post(PREDICT, json=example_document())
    assert model_server.invocations[-1] == model_server.invocations[-2]


def test_null_and_absent_are_the_same_to_the_model(api: TestClient, model_server: FakeModelServer) -> None:
    with_null = example_document(lot_frontage=None)
    left_out = {name: value for name, value in with_null.items() if name != "lotFrontage"}

    api.post(PREDICT, json=with_null)
    api.post(PREDICT, json=left_out)

    assert model_server.invocations[-1] == model_server.invocations[-2]


def test_the_model_gets_its_own_columns_in_file_order(api: TestClient, model_server: FakeModelServer) -> None:
    api.post(PREDICT, json=example_document())

    table = model_server.invocations[-1]
    assert table["columns"] == list(COLUMNS)
    assert table["data"][0][LOT_AREA] == 11622


def test_an_improbable_house_is_priced_with_a_warning(api: TestClient) -> None:
    answer = api.post(PREDICT, json=example_document(garage_yr_blt=2207))

    assert answer.json()["predictedPrice"] == EXAMPLE_PRICE
    [warning] = answer.json()["warnings"]
    assert warning["code"] == "GARAGE_BUILT_AFTER_SALE"
    assert warning["fields"] == ["garageYrBlt", "yrSold"]
    assert warning["message"]


def test_a_batch_keeps_its_order_and_its_repeated_ids(api: TestClient, model_server: FakeModelServer) -> None:
    rows = [example_document(id=7, overall_qual=quality) for quality in (9, 1, 5)]

    answer = api.post(BATCH, json={"data": rows}).json()

    assert [price["id"] for price in answer["predictions"]] == [7, 7, 7]
    prices = [price["predictedPrice"] for price in answer["predictions"]]
    assert prices == [EXAMPLE_PRICE + 40_000, EXAMPLE_PRICE - 40_000, EXAMPLE_PRICE]
    assert (answer["count"], answer["modelVersion"]) == (3, "3")


@pytest.mark.parametrize(
    "value",
    [1.0, 1.5, 1e400, 10**30, -1, True, "1", "Pave", "", [1], {"a": 1}, None, math.nan, math.inf],
    ids=repr,
)
@pytest.mark.parametrize("field", ["lotArea", "overallQual", "street", "lotFrontage", "msSubClass"])
def test_a_batch_takes_what_a_single_house_takes(api: TestClient, field: str, value: object) -> None:
    house = json.dumps(example_document() | {field: value})

    single = api.post(PREDICT, content=house, headers={"content-type": "application/json"})
    batch = api.post(BATCH, content=f'{{"data": [{house}]}}', headers={"content-type": "application/json"})

    assert batch.status_code == single.status_code
    if single.status_code == 422:
        [mistake] = batch.json()["detail"]
        assert mistake | {"loc": ["body", field]} == single.json()["detail"][0]


def test_a_large_batch_is_sliced_and_returned_in_order(api: TestClient, model_server: FakeModelServer) -> None:
    before = len(model_server.invocations)
    houses = [example_document(id=number, lot_area=10_000 + number) for number in range(1000)]

    answer = api.post(BATCH, json={"data": houses}).json()

    assert [price["id"] for price in answer["predictions"]] == list(range(1000))
    prices = [price["predictedPrice"] for price in answer["predictions"]]
    assert prices == sorted(prices)
    tables = [table for table in model_server.invocations[before:] if len(table["data"]) > 1]
    assert [len(table["data"]) for table in tables] == [250] * 4


@pytest.mark.parametrize("body", [example_document(), minimal_document()])
def test_a_house_costs_the_same_alone_and_in_a_batch(api: TestClient, body: dict[str, object]) -> None:
    alone = api.post(PREDICT, json=body).json()["predictedPrice"]
    among_others = api.post(BATCH, json={"data": [body, example_document(id=2)]}).json()["predictions"][0]

    assert math.isclose(alone, among_others["predictedPrice"], abs_tol=0)


def test_a_version_that_the_server_omits_is_unknown() -> None:
    assert _version_behind(FakeModelServer(version=None), Settings.model_construct()) == "unknown"


def test_the_settings_name_a_version_that_the_server_omits() -> None:
    settings = Settings.model_construct(pricing_model=PricingModelSettings(name="x", version="12"))

    assert _version_behind(FakeModelServer(version=None), settings) == "12"


def _version_behind(server: FakeModelServer, settings: Settings) -> str:
    client = httpx.MockTransport(server)
    with TestClient(create_app(settings, client)) as api:
        return str(api.post(PREDICT, json=minimal_document()).json()["modelVersion"])


def test_the_model_route_tells_which_model_answers(api: TestClient) -> None:
    document = api.get("/api/v1/price/model").json()

    assert (document["name"], document["version"], document["alias"]) == ("housing-price", "3", "champion")
    assert document["data"]["generated"] is True
    assert [feature["name"] for feature in document["features"]] == list(COLUMNS)
