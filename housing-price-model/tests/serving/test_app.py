"""The model server's application, in process: MLflow's protocol, identity on every answer, details, metrics."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from house_record import AMES, COLUMNS, RECORD_VERSION, example_house, model_row
from housing_price_model.delivery.loading import LoadedModel, load_model
from housing_price_model.serving.app import create_app
from housing_price_model.serving.identity import identify

# MLflow compares column names in a way that pandas 4 will not take.
pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")

ROW = list(model_row(example_house()))
SPLIT = {"dataframe_split": {"columns": list(COLUMNS), "data": [ROW]}}
RECORDS = {"dataframe_records": [dict(zip(COLUMNS, ROW, strict=True))]}


@pytest.fixture(scope="module")
def model(good_artefact: Path) -> LoadedModel:
    return load_model(str(good_artefact), AMES, timeout_seconds=0)


@pytest.fixture
def client(model: LoadedModel) -> Iterator[TestClient]:
    with TestClient(create_app(model.compiled, identify(model), AMES), raise_server_exceptions=False) as client:
        yield client


def predictions(client: TestClient, body: Mapping[str, Any]) -> list[float]:
    answer = client.post("/invocations", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    return [prediction["price"] for prediction in answer.json()["predictions"]]


def test_both_forms_of_a_frame_give_the_models_own_price(client: TestClient, model: LoadedModel) -> None:
    assert predictions(client, SPLIT) == predictions(client, RECORDS) == [model.golden_price]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/ping", 200),
        ("HEAD", "/ping", 200),
        ("GET", "/health", 200),
        ("HEAD", "/health", 200),
        ("GET", "/version", 200),
        ("GET", "/model", 200),
        ("GET", "/metrics", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/invocations", 405),
        ("POST", "/invocations", 415),
    ],
)
def test_every_answer_says_which_model_gives_it(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)

    assert answer.status_code == status
    assert answer.headers["X-Model-Name"] == "housing-price"
    assert answer.headers["X-Model-Version"] == "m-0123"


def test_the_details_describe_the_model_and_its_data(
    client: TestClient, model: LoadedModel, good_artefact: Path
) -> None:
    details = client.get("/model").json()

    assert details["name"] == "housing-price"
    assert details["version"] == "m-0123"
    assert details["alias"] is None
    assert details["modelUri"] == str(good_artefact)
    assert details["recordVersion"] == RECORD_VERSION
    assert details["recipe"] == "default"
    assert [feature["name"] for feature in details["features"]] == list(COLUMNS)
    assert details["data"] == {
        "source": "sample",
        "sha256": model.manifest.data.sha256,
        "rows": 150,
        "generated": True,
    }
    assert details["metrics"]["cv_rmsle"] == 0.1
    assert details["libraries"].keys() >= {"python", "scikit-learn", "mlflow"}
    assert details["trainedAt"] == "2026-11-21T00:00:00Z"
    assert details["golden"] == {"id": 1461, "price": round(model.golden_price, 2)}


def test_requests_are_counted_and_timed_by_route_and_status(client: TestClient) -> None:
    predictions(client, SPLIT)
    client.get("/nowhere/else")

    text = client.get("/metrics").text

    name = "model_server_request_duration_seconds_count"
    assert f'{name}{{route="/invocations",status="200"}} 1.0' in text
    assert f'{name}{{route="other",status="404"}} 1.0' in text
    assert 'model_server_model_info{name="housing-price",version="m-0123"} 1.0' in text
    assert "model_server_rows_total 1.0" in text
    assert "model_server_compute_seconds_count 1.0" in text
    assert "model_server_queue_requests 0.0" in text


def test_prices_any_unknown_text_alike(client: TestClient) -> None:
    row = {**RECORDS["dataframe_records"][0], "Street": "Dirt"}

    assert np.isfinite(predictions(client, {"dataframe_records": [row]})).all()
