"""What the images are and what is not in them."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from compose_stack import docker, eventually

pytestmark = [pytest.mark.containers, pytest.mark.timeout(900)]

LISTING = Path(__file__).with_name("list_unwanted_files.py")
PYTHON = "/usr/local/bin/python3"
DEPLOYABLES = ("housing-price-model", "housing-price-orchestrator", "mlflow-server")
MEGABYTE = 1_000_000
BASE_MEGABYTES = 132
"""What the limits below count for `python:3.13-slim-bookworm`."""


def inspected(image: str) -> dict[str, Any]:
    [found] = json.loads(docker("image", "inspect", image))
    return dict(found)


@contextmanager
def running(image: str, *options: str) -> Iterator[str]:
    """A container as compose confines it."""
    confined = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true"]
    container = docker("run", "--detach", *confined, *options, image).strip()
    try:
        yield container
    finally:
        docker("rm", "--force", "--volumes", container)


def state(container: str) -> dict[str, Any]:
    [found] = json.loads(docker("inspect", container))
    return dict(found["State"])


@pytest.mark.parametrize("name", DEPLOYABLES)
def test_an_image_runs_as_a_user_with_a_number_that_is_not_roots(images: dict[str, str], name: str) -> None:
    user, _, group = inspected(images[name])["Config"]["User"].partition(":")

    assert int(user) > 0
    assert int(group) > 0


@pytest.mark.parametrize("name", DEPLOYABLES)
def test_an_image_holds_no_compiler_installer_cache_test_or_secret(images: dict[str, str], name: str) -> None:
    command = [
        "docker",
        "run",
        "--rm",
        "--interactive",
        "--user",
        "0",
        "--entrypoint",
        PYTHON,
        images[name],
        "-IS",
        "-",
    ]
    listed = subprocess.run(command, input=LISTING.read_text(), capture_output=True, text=True, check=True)

    assert listed.stdout.splitlines() == []


@pytest.mark.parametrize("name", DEPLOYABLES)
def test_an_image_holds_a_list_of_its_packages_in_cyclonedx(images: dict[str, str], name: str) -> None:
    looked = (
        "import importlib.metadata as m, json;"
        f" parts = json.load(open('/usr/share/sbom/{name}.cdx.json'))['components'];"
        " listed = {(p['name'].lower().replace('_', '-').replace('.', '-'), p['version']) for p in parts};"
        " found = {(d.name.lower().replace('_', '-').replace('.', '-'), d.version) for d in m.distributions()};"
        f" print(sorted(n for n, _ in found - listed if n != '{name}'))"
    )

    assert docker("run", "--rm", "--entrypoint", "python", images[name], "-c", looked) == "[]\n"


@pytest.mark.parametrize("name", DEPLOYABLES)
def test_no_variable_of_an_image_is_a_secret(images: dict[str, str], name: str) -> None:
    names = {variable.partition("=")[0] for variable in inspected(images[name])["Config"]["Env"]}

    assert not [name for name in names if any(word in name.upper() for word in ("PASSWORD", "SECRET", "TOKEN"))]


@pytest.mark.parametrize(("name", "megabytes"), [("housing-price-orchestrator", 280), ("housing-price-model", 750)])
def test_an_image_keeps_within_its_size(images: dict[str, str], name: str, megabytes: int) -> None:
    base = docker("image", "inspect", "--format", "{{.Size}}", "python:3.13-slim-bookworm", check=False).strip()
    own = inspected(images[name])["Size"] - int(base or BASE_MEGABYTES * MEGABYTE)

    assert own / MEGABYTE <= megabytes - BASE_MEGABYTES


@pytest.mark.parametrize("name", DEPLOYABLES)
def test_an_image_says_what_it_is_and_how_it_is_asked_and_stopped(images: dict[str, str], name: str) -> None:
    config = inspected(images[name])["Config"]

    assert config["Labels"]["org.opencontainers.image.title"] == name
    assert {"description", "version", "revision"} <= {label.rpartition(".")[2] for label in config["Labels"]}
    assert config["StopSignal"] == "SIGTERM"
    assert config["Entrypoint"] == [name]
    assert config["Healthcheck"]["Test"][0] == "CMD"


def test_the_orchestrators_image_has_no_library_of_models(images: dict[str, str]) -> None:
    looked = (
        "import importlib.util as u; print([n for n in ('mlflow', 'pandas', 'sklearn', 'numpy') if u.find_spec(n)])"
    )

    assert docker("run", "--rm", "--entrypoint", "python", images["housing-price-orchestrator"], "-c", looked) == "[]\n"


def test_mlflow_honours_the_port_of_the_platform_and_stops_with_0(images: dict[str, str]) -> None:
    with running(images["mlflow-server"], "--env", "PORT=7001") as container:
        eventually(lambda: state(container)["Health"]["Status"] == "healthy")
        docker("stop", "--time", "20", container)

        assert state(container)["ExitCode"] == 0


def test_the_orchestrator_honours_the_port_of_the_platform_and_is_not_ready_alone(images: dict[str, str]) -> None:
    with running(images["housing-price-orchestrator"], "--env", "PORT=7002") as container:
        checks = eventually(
            lambda: [log["Output"] for log in state(container)["Health"]["Log"] if "503" in log["Output"]]
        )
        docker("stop", "--time", "20", container)

        assert checks[0] == "/ready at port 7002: 503\n"
        assert state(container)["ExitCode"] == 0


def test_the_model_server_ends_with_one_line_where_there_is_no_registry(images: dict[str, str]) -> None:
    options = ["--env", "MLFLOW_TRACKING_URI=http://127.0.0.1:1", "--network", "none"]
    command = [
        "docker",
        "run",
        "--rm",
        *options,
        images["housing-price-model"],
        "serve",
        "--registry-timeout-seconds",
        "0",
    ]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("no MLflow server answers at http://127.0.0.1:1")
    assert len(done.stderr.splitlines()) == 1
