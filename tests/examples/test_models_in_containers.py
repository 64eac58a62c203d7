"""The examples of models in containers, on a real engine: one builds its image, the other pulls it after a login."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import httpx2
import pytest
from fake_model_server import FakeModelServer
from fastapi.testclient import TestClient
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.settings import FlowSettings, Settings
from machine import demand
from pydantic import SecretStr
from running_examples import FOLDER
from waiting import wait_until

pytestmark = [pytest.mark.containers, pytest.mark.timeout(300)]

CONTAINERS = FOLDER / "containers"
HOUSE = {"price": 200_000, "yearBuilt": 1961}


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.strip()


def containers(image: str) -> list[str]:
    """The containers of the image, running or not."""
    return docker("ps", "--all", "--quiet", "--filter", f"ancestor={image}").split()


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    """The image of the examples, under a name that is the test's own."""
    demand("base image")
    name = f"insurance-model-{uuid4().hex}:1"
    docker("build", "--quiet", "--tag", name, str(CONTAINERS / "model"))
    yield name
    docker("image", "rm", "--force", name)


@pytest.fixture(scope="module")
def registry(image: str) -> Iterator[str]:
    """The address of a registry that has the image."""
    demand("engine that reaches loopback")
    command = [sys.executable, str(CONTAINERS / "registry.py"), "--image", image, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        announced = process.stdout.readline()
        try:
            yield announced.split()[0].removeprefix("AWS_ENDPOINT_URL=http://")
        finally:
            process.terminate()


@contextmanager
def served(flow: str, folder: Path, image: str) -> Iterator[TestClient]:
    """The application with one flow of the examples, and the sources of all."""
    flows = folder / "flows"
    flows.mkdir()
    for file in (f"{flow}.yaml", "sources.yaml"):
        text = (CONTAINERS / "flows" / file).read_text()
        (flows / file).write_text(text.replace("insurance-model:1", image))
    executions = SecretStr(f"sqlite:///{folder}/executions.db")
    settings = Settings.model_construct(flows=FlowSettings(folder=flows, watch=False, executions_url=executions))
    app = create_app(settings, httpx.MockTransport(FakeModelServer()))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def quote(client: TestClient, flow: str) -> httpx2.Response:
    """The answer as soon as the model is up."""

    def ask() -> httpx2.Response:
        return client.get(f"/api/v1/insurance/{flow}", params=HOUSE)

    wait_until(lambda: ask().status_code != 503)
    return ask()


def test_an_image_that_was_built_here_answers(image: str, tmp_path: Path) -> None:
    with served("quote-by-docker", tmp_path, image) as client:
        assert quote(client, "quote-by-docker").json() == {"costPerYear": 790.0}
        assert len(containers(image)) == 1
    assert containers(image) == []


def test_an_image_of_a_registry_is_pulled_with_the_login_that_aws_gives(
    image: str, registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{registry}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    pulled = f"{registry}/models/insurance:1"
    try:
        with served("quote-by-ecr", tmp_path, image) as client:
            assert quote(client, "quote-by-ecr").json() == {"costPerYear": 790.0}
            assert len(containers(pulled)) == 1
        assert containers(pulled) == []
    finally:
        docker("image", "rm", "--force", pulled)


def test_a_registry_on_loopback_refuses_who_has_no_login(registry: str) -> None:
    answer = httpx.get(f"http://{registry}/v2/models/insurance/manifests/1", auth=("AWS", "guessed"))

    assert answer.status_code == 401
