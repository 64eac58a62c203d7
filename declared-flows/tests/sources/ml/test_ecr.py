"""The strategy `ecr`: a login that AWS's API gives (moto's server), and what `docker` is told with it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_model_server import serving
from ml_sources import ROW, Server, answered, failure_of, ml_source
from moto.ecr.responses import ECRResponse
from moto.server import ThreadedMotoServer
from structlog.typing import EventDict

pytestmark = pytest.mark.integration

ACCOUNT = "123456789012"
REGISTRY = f"{ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com"
DOCKER = """#!{python}
import json, os, sys, time
asked = sys.argv[1:]
given = sys.stdin.read()
with open({log!r}, "a") as log:
    print(json.dumps([asked, given, os.environ.get("DOCKER_HOST")]), file=log)
config = asked[1] if asked[0] == "--config" else None
command = asked[2] if config else asked[0]
if command == "wait":
    time.sleep(600)
print({{"context": "unix:///engine.sock", "port": {address!r}}}.get(command, ""))
sys.exit(command in {fails!r})
"""


class FakeDocker:
    """A command `docker` that keeps what it is told; its containers are one server of the test."""

    def __init__(self, folder: Path, address: str, fails: tuple[str, ...] = ()) -> None:
        self._log = folder / "docker.log"
        command = folder / "docker"
        told = {"python": sys.executable, "log": str(self._log), "address": address, "fails": fails}
        command.write_text(DOCKER.format(**told))
        command.chmod(0o755)

    @property
    def commands(self) -> list[Any]:
        """Each as its arguments, its standard input, and the engine that it was told."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]


def is_gone(folder: str) -> bool:
    return not Path(folder).exists()


@pytest.fixture
def server() -> Server:
    return Server(lambda body: {"predictions": [812.5]})


@pytest.fixture
def address(server: Server) -> Iterator[str]:
    with serving(server) as url:  # type: ignore[arg-type] # any callable will do
        yield url.removeprefix("http://")


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST", raising=False)


async def test_an_image_is_pulled_after_a_private_login(aws: str, address: str, tmp_path: Path) -> None:
    docker = FakeDocker(tmp_path, address)
    load = {"ecr": {"repository": "models/insurance", "tag": "3", "region": "eu-central-1", "endpoint_url": aws}}
    async with ml_source(load) as source:
        answer = await answered(source, ROW)

    assert answer.value == {"prediction": 812.5}
    assert answer.served_by == "ecr: models/insurance:3"
    image = f"{REGISTRY}/models/insurance:3"
    context, login, pull, listed, run, *_ = docker.commands
    assert context[0][0] == "context"
    [option, config, *rest] = login[0]
    assert (option, rest) == ("--config", ["login", "--username", "AWS", "--password-stdin", REGISTRY])
    assert login[1]
    assert login[2] == "unix:///engine.sock"
    assert pull[0] == ["--config", config, "pull", "--quiet", image]
    assert is_gone(config)
    assert listed[0][0] == "ps"
    assert run[0][-1] == image
    assert not any(login[1] in argument for asked, _, _ in docker.commands for argument in asked)
    assert docker.commands[-1][0][:2] == ["rm", "--force"]


async def test_a_digest_is_an_image_too(aws: str, address: str, tmp_path: Path) -> None:
    docker = FakeDocker(tmp_path, address)
    digest = f"sha256:{'a' * 64}"
    load = {"ecr": {"repository": "insurance", "tag": digest, "region": "eu-central-1", "endpoint_url": aws}}
    async with ml_source(load) as source:
        await answered(source, ROW)
    assert docker.commands[2][0][-1] == f"{REGISTRY}/insurance@{digest}"


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:5000", "https://127.0.0.1:5000/", "127.0.0.1:5000"])
async def test_a_registry_is_known_by_its_host_whatever_its_address(
    aws: str, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    get_token = ECRResponse.get_authorization_token

    def get_token_on_loopback(response: ECRResponse) -> Any:
        answer: Any = get_token(response)
        answer.result["authorizationData"][0]["proxyEndpoint"] = endpoint
        return answer

    monkeypatch.setattr(ECRResponse, "get_authorization_token", get_token_on_loopback)
    docker = FakeDocker(tmp_path, address)
    async with ml_source({"ecr": {"repository": "insurance", "region": "eu-central-1", "endpoint_url": aws}}) as source:
        await answered(source, ROW)

    assert docker.commands[1][0][-1] == "127.0.0.1:5000"
    assert docker.commands[2][0][-1] == "127.0.0.1:5000/insurance:latest"


async def test_a_refused_login_means_a_model_that_is_down(
    aws: str, address: str, tmp_path: Path, logged: list[EventDict]
) -> None:
    FakeDocker(tmp_path, address, fails=("login",))
    load = {"ecr": {"repository": "insurance", "region": "eu-central-1", "endpoint_url": aws}}
    async with ml_source(load):
        assert (await failure_of(logged))["reason"] == "`docker login` failed"


async def test_silent_aws_means_a_model_that_is_down(monkeypatch: pytest.MonkeyPatch, logged: list[EventDict]) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    load = {"ecr": {"repository": "insurance", "region": "eu-central-1", "endpoint_url": "http://127.0.0.1:1"}}
    async with ml_source(load):
        assert (await failure_of(logged))["reason"] == "AWS gave no login for its registry"
