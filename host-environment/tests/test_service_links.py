"""Variables that Kubernetes writes for its services are told from settings."""

import pytest
from host_environment.service_links import drop_service_links, is_service_link
from service_links import links_of


@pytest.mark.parametrize(
    "service", ["ORCHESTRATOR", "ORCHESTRATOR_CANARY", "HOUSING_PRICE_MODEL", "MLFLOW", "MLFLOW_SERVER"]
)
@pytest.mark.parametrize("address", ["10.0.0.1", "fd00::12"])
def test_all_variables_of_a_service_are_recognised(service: str, address: str) -> None:
    assert [name for name, value in links_of(service, address).items() if not is_service_link(name, value)] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORCHESTRATOR_PORT", "8000"),
        ("ORCHESTRATOR_PORT", "eight thousand"),
        ("ORCHESTRATOR_PROT", "tcp://10.0.0.1:8000"),
        ("ORCHESTRATOR_PRICING_MODEL__URL", "tcp://10.0.0.1:8000"),
        ("ORCHESTRATOR_HOST", "10.0.0.1"),
        ("PORT", "tcp://10.0.0.1:8000"),
        ("MLFLOW_PORT", "9999"),
        ("ORCHESTRATOR_FLOWS__SECRETS__DB_SERVICE_HOST", "10.0.0.1"),
    ],
)
def test_settings_are_no_variables_of_a_service(name: str, value: str) -> None:
    assert not is_service_link(name, value)


def test_they_are_removed_with_one_line_that_names_them() -> None:
    environment = {"PORT": "8080", "ORCHESTRATOR_PROT": "1", **links_of("ORCHESTRATOR"), **links_of("REDIS")}

    line = drop_service_links(environment)

    assert environment == {"PORT": "8080", "ORCHESTRATOR_PROT": "1", **links_of("REDIS")}
    assert line is not None
    assert "\n" not in line
    assert all(name in line for name in links_of("ORCHESTRATOR"))
    assert "enableServiceLinks: false" in line
    assert drop_service_links(environment) is None
