"""The bare echo."""

import gc
import sys

import uvicorn
from fastapi.testclient import TestClient
from house_record import example_document
from housing_price_bench.servers import echo
from housing_price_bench.servers.echo import app
from pytest_mock import MockerFixture


def test_the_echo_freezes_the_garbage_collector_at_its_start(mocker: MockerFixture) -> None:
    frozen: list[int] = []
    run = mocker.patch.object(uvicorn.Server, "run", autospec=True)
    run.side_effect = lambda _server: frozen.append(gc.get_freeze_count())
    mocker.patch.object(sys, "argv", ["echo", "1"])

    echo.main()
    gc.unfreeze()

    assert frozen[0] > 10_000


def test_the_echo_prices_only_valid_houses() -> None:
    with TestClient(app) as client:
        priced = client.post("/predict", json=example_document(id=7))
        refused = client.post("/predict", json=example_document(street="Cobblestone"))

    assert priced.json() == {"id": 7, "predictedPrice": 128528.33}
    assert refused.status_code == 422
