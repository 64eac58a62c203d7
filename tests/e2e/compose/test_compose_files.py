"""The compose files by themselves: valid, and no more published than must be."""

import json
from pathlib import Path
from typing import Any

import pytest
from compose_stack import Stack

pytestmark = [pytest.mark.containers, pytest.mark.usefixtures("engine")]

PRODUCTION = ("compose.yaml", "compose.prod.yaml")
EVERYTHING = ("--profile", "*", "config", "--format", "json")


def services(*files: str, **variables: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(
        Stack("housing-price-e2e-config", files, variables).compose(*EVERYTHING)
    )["services"]
    return found


@pytest.mark.parametrize("files", [("compose.yaml",), PRODUCTION])
def test_the_files_are_valid_and_warn_of_nothing(files: tuple[str, ...]) -> None:
    assert Stack("housing-price-e2e-config", files).compose("--profile", "*", "config", "--quiet") == ""


def test_only_the_orchestrator_is_published_beyond_loopback() -> None:
    published = {
        name: {port.get("host_ip", "everywhere") for port in service["ports"]}
        for name, service in services("compose.yaml").items()
        if "ports" in service
    }

    assert published == {
        "housing-price-orchestrator": {"everywhere"},
        "mlflow-server": {"127.0.0.1"},
        "prometheus": {"127.0.0.1"},
    }


def test_in_production_nothing_internal_is_published() -> None:
    found = services(*PRODUCTION)

    assert [name for name, service in found.items() if service.get("ports")] == ["housing-price-orchestrator"]
    assert found["housing-price-orchestrator"]["ports"][0]["published"] == "8000-8001"


def test_in_production_no_password_is_in_a_variable() -> None:
    for name, service in services(*PRODUCTION, POSTGRES_PASSWORD="hunter2").items():
        assert "hunter2" not in json.dumps(service), name


def test_every_service_is_limited_confined_and_rotates_its_log() -> None:
    for name, service in services(*PRODUCTION).items():
        limits = service["deploy"]["resources"]["limits"]
        assert {"cpus", "memory", "pids"} <= limits.keys(), name
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["stop_grace_period"] == "30s", name
        assert service["logging"]["options"]["max-size"] == "10m", name
        assert service["restart"] == ("on-failure:3" if name == "trainer" else "unless-stopped"), name


def test_a_file_of_sales_is_mounted_read_only_and_trained_on(tmp_path: Path) -> None:
    trainer = services("compose.yaml", DATA_FILE=str(tmp_path / "sales.csv"), RECIPE="random-forest")["trainer"]

    assert trainer["command"] == ["train", "--if-needed", "--data", "/data/sales.csv", "--recipe", "random-forest"]
    [mount] = trainer["volumes"]
    assert (mount["source"], mount["target"]) == (str(tmp_path / "sales.csv"), "/data/sales.csv")
    assert mount["read_only"]


def test_without_a_file_of_sales_the_trainer_is_told_of_none() -> None:
    assert services("compose.yaml")["trainer"]["command"] == ["train", "--if-needed"]
