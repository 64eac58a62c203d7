"""What Dockerfiles, compose files and `.env.example` must agree on, read as text: no Docker is needed."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from housing_price_orchestrator.settings.environment import list_variables
from supply_chain.sboms import IMAGES

ROOT = Path(__file__).parents[2]
DEPLOYABLES = ("housing-price-model", "housing-price-orchestrator", "mlflow-server")
COMPOSE = ("compose.yaml", "compose.prod.yaml")
SET_BY_COMPOSE = {
    "ORCHESTRATOR_FLOWS__EXECUTIONS_URL",
    "ORCHESTRATOR_HOST",
    "ORCHESTRATOR_KEYS__FILE",
    "ORCHESTRATOR_METRICS__PUBLIC",
    "ORCHESTRATOR_PORT",
    "ORCHESTRATOR_PRICING_MODEL__URL",
}


def dockerfile(member: str) -> str:
    return (ROOT / member / "Dockerfile").read_text()


def test_every_setting_of_the_orchestrator_reaches_its_container() -> None:
    passed = set(re.findall(r"^ +(ORCHESTRATOR_\w+):$", (ROOT / "compose.yaml").read_text(), re.MULTILINE))

    assert passed == list_variables().keys() - SET_BY_COMPOSE


def test_every_variable_of_the_compose_files_is_in_the_example_file() -> None:
    used = {name for file in COMPOSE for name in re.findall(r"\$\{(\w+)", (ROOT / file).read_text())}
    example = (ROOT / ".env.example").read_text()

    assert {name for name in used if f"# {name}=" not in example} == set()


def test_waiting_for_the_stack_or_a_part_of_it_ends_with_0_although_the_trainer_ends() -> None:
    """Compose takes the end of a container for a success only if another service waits for it.

    A service whose health check is disabled it takes for one that can't be waited for.
    """
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    awaited = {
        name
        for service in services.values()
        for name, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_completed_successfully"
    }

    assert {name for name, service in services.items() if service["restart"] != "unless-stopped"} == awaited
    assert [name for name, service in services.items() if service.get("healthcheck", {}).get("disable")] == []


def test_on_a_server_callers_need_keys_and_metrics_are_closed() -> None:
    text = re.sub(r"!\w+ ?", "", (ROOT / "compose.prod.yaml").read_text())  # YAML knows Compose's own tags no better
    services = yaml.safe_load(text)["services"]
    orchestrator = services["housing-price-orchestrator"]["environment"]

    assert (orchestrator["ORCHESTRATOR_KEYS__REQUIRED"], orchestrator["ORCHESTRATOR_METRICS__PUBLIC"]) == (
        "true",
        "false",
    )
    [mounted] = [volume.split(":")[0] for volume in services["prometheus"]["volumes"]]
    [job] = yaml.safe_load((ROOT / mounted).read_text())["scrape_configs"]
    [key_file] = job["http_headers"]["X-API-Key"]["files"]
    assert key_file == f"/run/secrets/{services['prometheus']['secrets'][0]}"


def test_prometheus_asks_the_orchestrators_the_same_with_and_without_a_key() -> None:
    plain, keyed = (
        yaml.safe_load((ROOT / "observability" / name).read_text())
        for name in ("orchestrator.yml", "orchestrator.prod.yml")
    )
    del keyed["scrape_configs"][0]["http_headers"]

    assert plain == keyed


@pytest.mark.parametrize("member", DEPLOYABLES)
def test_an_image_says_the_version_of_its_member(member: str) -> None:
    project = tomllib.loads((ROOT / member / "pyproject.toml").read_text())["project"]

    assert f"ARG VERSION={project['version']}\n" in dockerfile(member)


@pytest.mark.parametrize("member", DEPLOYABLES)
def test_every_member_of_the_workspace_is_known_to_a_build_as_the_lock_needs_it(member: str) -> None:
    members = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["workspace"]["members"]
    allowed = (ROOT / ".dockerignore").read_text().splitlines()

    assert all(f"COPY {name}/pyproject.toml {name}/\n" in dockerfile(member) for name in members)
    assert all(f"!{name}/pyproject.toml" in allowed for name in members)


@pytest.mark.parametrize("member", DEPLOYABLES)
def test_every_image_names_the_same_public_images(member: str) -> None:
    named = re.findall(r"^(?:# syntax=|FROM )(\S+[:/]\S+)", dockerfile(member), re.MULTILINE)

    assert set(named) == {"docker/dockerfile:1", "ghcr.io/astral-sh/uv:0.13.8", "python:3.13-slim-bookworm"}


@pytest.mark.parametrize("member", DEPLOYABLES)
def test_the_list_of_packages_in_an_image_is_made_of_what_is_installed_in_it(member: str) -> None:
    installed = re.findall(rf"uv sync .*--package {member}(.*?) \\\n", dockerfile(member))
    [listed] = re.findall(rf"uv export .*--package {member}(.*?) --format cyclonedx1.5", dockerfile(member))

    assert set(installed) == {listed}
    assert listed.split() == [word for extra in IMAGES[member] for word in ("--extra", extra)]
    assert "COPY --from=dependencies /opt/sbom /usr/share/sbom\n" in dockerfile(member)
