"""The whole application in process, with a fake model server behind it."""

from collections.abc import Iterator

import httpx
import pytest
from fake_model_server import FakeModelServer
from fastapi.testclient import TestClient
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.settings import Settings
from structlog.testing import capture_logs
from structlog.typing import EventDict


@pytest.fixture
def model_server() -> FakeModelServer:
    return FakeModelServer()


@pytest.fixture
def logged() -> Iterator[list[EventDict]]:
    """What is logged while the test runs."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture(autouse=True)
def _quiet(logged: list[EventDict]) -> None:
    """No test prints its log lines."""


@pytest.fixture
def settings() -> Settings:
    return Settings.model_construct()


@pytest.fixture
def api(model_server: FakeModelServer, settings: Settings) -> Iterator[TestClient]:
    transport = httpx.MockTransport(model_server)
    app = create_app(settings, transport)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
