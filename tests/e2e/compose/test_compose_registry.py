"""The registry in PostgreSQL, and the files for production."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from compose_stack import Stack, eventually
from free_ports import free_ports_in_a_row
from house_record import EXAMPLE

pytestmark = [pytest.mark.containers, pytest.mark.timeout(900)]

PASSWORD = "p@ss/w0rd"
IN_URL = "p%40ss%2Fw0rd"


@pytest.fixture
def postgres(images: dict[str, str]) -> Iterator[Stack]:
    variables = {
        "COMPOSE_PROFILES": "postgres",
        "POSTGRES_PASSWORD": PASSWORD,
        "MLFLOW_BACKEND_STORE_URI": f"postgresql://mlflow:{IN_URL}@postgres:5432/mlflow",
    }
    stack = Stack(f"housing-price-e2e-postgres-{os.getpid()}", variables=variables)
    try:
        stack.up()
        yield stack
    finally:
        stack.down()


@pytest.fixture
def production(images: dict[str, str], tmp_path: Path) -> Iterator[Stack]:
    (tmp_path / "postgres_password").write_text(PASSWORD)
    (tmp_path / "postgres_password").chmod(0o644)
    first = free_ports_in_a_row(2)
    variables = {
        "POSTGRES_PASSWORD_FILE": str(tmp_path / "postgres_password"),
        "PORT_RANGE": f"{first}-{first + 1}",
        "PORT": str(first),
    }
    files = ("compose.yaml", "compose.prod.yaml")
    stack = Stack(f"housing-price-e2e-production-{os.getpid()}", files, variables)
    try:
        stack.up()
        yield stack
    finally:
        stack.down()


def test_a_registry_in_postgresql_survives_down_and_up(postgres: Stack) -> None:
    before = postgres.predict(EXAMPLE).json()
    assert "postgresql://mlflow:***@postgres:5432/mlflow" in postgres.logs("mlflow-server")

    postgres.compose("down")
    postgres.up()

    assert postgres.predict(EXAMPLE).json() == before
    assert "stays the champion" in postgres.logs("trainer")


def test_in_production_either_model_and_either_orchestrator_will_do(production: Stack) -> None:
    first, last = map(int, production.variables["PORT_RANGE"].split("-"))
    addresses = [f"http://127.0.0.1:{port}" for port in (first, last)]

    def both_ready() -> bool:
        return all(httpx.get(f"{url}/ready", trust_env=False).status_code == 200 for url in addresses)

    assert eventually(both_ready)
    assert production.predict(EXAMPLE).status_code == 401
    program = ("exec", "--no-TTY", "housing-price-orchestrator", "housing-price-orchestrator")
    key = production.compose(*program, "keys", "add", "e2e", "--scope", "predict").strip()
    assert eventually(lambda: production.predict(EXAMPLE, key=key).status_code == 200)
    for service in ("housing-price-model", "housing-price-model-2"):
        production.compose("stop", service)
        eventually(both_ready)
        assert production.predict(EXAMPLE, key=key).status_code == 200
        production.up()
    assert "postgresql://mlflow:***@postgres:5432/mlflow" in production.logs("mlflow-server")
    assert PASSWORD not in str(production.inspect("mlflow-server")["Config"]["Env"])
