"""The tutorial's model on the real sales, through every layer: each house priced, each price the pipeline's own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest
from house_record import AMES, House, example_document
from housing_price_model.data import make_frame, make_rows
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.settings import PricingModelSettings, ReadinessSettings, Settings
from model_server_contract import assert_keeps_the_contract
from real_sales import TRAIN, needs_real_sales, request_bodies
from running_platform import Platform, running_platform

pytestmark = [pytest.mark.integration, pytest.mark.slow, needs_real_sales]

TUTORIALS_PRICE = 128528.33
CENT = 0.01


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    state_dir = tmp_path_factory.mktemp("real") / "state"
    with running_platform(state_dir, "--data", str(TRAIN), "--recipe", "random-forest") as platform:
        yield platform


@pytest.fixture(scope="module")
def bodies() -> list[dict[str, Any]]:
    return request_bodies()


@pytest.fixture(scope="module")
def batch_prices(platform: Platform, bodies: list[dict[str, Any]]) -> list[float]:
    return [price for start in range(0, len(bodies), 1000) for price in priced(platform, bodies[start : start + 1000])]


def priced(platform: Platform, bodies: Sequence[dict[str, Any]]) -> list[float]:
    url = f"{platform.url}/api/v1/price/predict/batch"
    answer = httpx.post(url, json={"data": list(bodies)}, timeout=120)
    assert answer.status_code == 200, answer.text
    predictions = answer.json()["predictions"]
    assert [price["id"] for price in predictions] == [body["id"] for body in bodies]
    return [price["predictedPrice"] for price in predictions]


def test_the_tutorials_house_has_the_tutorials_price(platform: Platform) -> None:
    answer = httpx.post(f"{platform.url}/api/v1/price/predict", json=example_document())

    assert answer.json()["predictedPrice"] == TUTORIALS_PRICE


def test_every_real_sale_is_priced_as_the_pipeline_prices_it(
    platform: Platform, bodies: list[dict[str, Any]], batch_prices: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", platform.mlflow_url)
    import mlflow.sklearn

    mlflow.set_tracking_uri(platform.mlflow_url)
    pipeline = mlflow.sklearn.load_model("models:/housing-price@champion")

    own = pipeline.predict(make_frame(AMES.features, make_rows(AMES, map(House.model_validate, bodies))))

    assert len(batch_prices) == 1460
    assert batch_prices == pytest.approx(list(own), rel=1e-6, abs=CENT / 2)


def test_a_house_costs_the_same_alone_in_two_and_in_a_thousand(
    platform: Platform, bodies: list[dict[str, Any]], batch_prices: list[float]
) -> None:
    other = bodies[0]
    with httpx.Client(base_url=platform.url, timeout=120) as client:
        alone = [client.post("/api/v1/price/predict", json=body).json()["predictedPrice"] for body in bodies]
    in_two = [priced(platform, [body, other])[0] for body in bodies[::10]]

    assert alone == batch_prices
    assert in_two == batch_prices[::10]


@pytest.fixture(scope="module")
def stock_server(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An unmodified `mlflow models serve` of the same version."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = ["mlflow", "models", "serve", "-m", "models:/housing-price@champion", "-p", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", *command, "--env-manager", "local"],
        env=os.environ | {"MLFLOW_TRACKING_URI": platform.mlflow_url, "OMP_NUM_THREADS": "1"},
        cwd=tmp_path_factory.mktemp("stock"),
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/ping", process)
        yield url
    finally:
        os.killpg(process.pid, 15)
        process.wait(120)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert process.poll() is None
        try:
            httpx.get(url).raise_for_status()
        except httpx.HTTPError:
            continue
        return
    raise AssertionError(f"{url} does not answer")


def test_an_unmodified_mlflow_server_keeps_the_contract(stock_server: str) -> None:
    assert_keeps_the_contract(stock_server, says_who_it_is=False)


def test_an_unmodified_mlflow_server_works_as_upstream(
    stock_server: str, bodies: list[dict[str, Any]], batch_prices: list[float]
) -> None:
    from fastapi.testclient import TestClient

    settings = Settings.model_construct(
        pricing_model=PricingModelSettings(url=stock_server, version="1"),
        readiness=ReadinessSettings(timeout_seconds=5),
    )
    with TestClient(create_app(settings)) as api:
        batch = api.post("/api/v1/price/predict/batch", json={"data": bodies[:1000]}).json()
        single = api.post("/api/v1/price/predict", json=example_document()).json()
        details = api.get("/api/v1/price/model").json()
        while api.get("/ready").status_code != 200:
            assert api.get("/health").status_code == 200

    assert [price["predictedPrice"] for price in batch["predictions"]] == batch_prices[:1000]
    assert (single["predictedPrice"], single["modelVersion"]) == (TUTORIALS_PRICE, "1")
    assert (details["name"], details["version"], details["features"]) == (None, "1", [])
