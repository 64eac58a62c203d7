"""The strategy `docker` on the real engine, where there is one."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from declared_flows.sources.ml.containers import (
    OWNER_LABEL,
    PROCESS_LABEL,
    SOURCE_LABEL,
    TOKEN,
    TOKEN_LABEL,
    remove_leftovers,
)
from declared_flows.sources.ml.docker_command import Docker
from declared_flows.sources.port import NO_CALL
from machine import BASE_IMAGE, demand
from ml_sources import ROW, answered, failure_of, ml_source
from structlog.typing import EventDict
from upstream_resilience.errors import UpstreamUnavailable

pytestmark = pytest.mark.containers

SERVER = """
import json, os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/up" else 404)
        self.end_headers()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        rows = json.loads(body)["dataframe_split"]["data"]
        answer = json.dumps({"predictions": [[row[0] / 100, os.environ["REGION"]] for row in rows]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

print("listening", flush=True)
HTTPServer(("", 9000), Handler).serve_forever()
"""


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True, timeout=300)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An image with a model server that is made in a second."""
    demand("base image")
    folder: Path = tmp_path_factory.mktemp("image")
    (folder / "server.py").write_text(SERVER)
    (folder / "Dockerfile").write_text(f'FROM {BASE_IMAGE}\nCOPY server.py /\nCMD ["python", "/server.py"]\n')
    name = f"ml-source-test:{uuid4().hex}"
    docker("build", "--quiet", "--tag", name, str(folder))
    yield name
    docker("image", "rm", "--force", name)


@pytest.fixture
def process_that_is_no_more() -> int:
    ended = subprocess.Popen(["true"])
    ended.wait()
    return ended.pid


def containers(image: str) -> list[str]:
    """The containers of the image, running or not."""
    return docker("ps", "--all", "--quiet", "--no-trunc", "--filter", f"ancestor={image}").split()


async def test_an_image_is_started_restarted_and_removed(image: str, logged: list[EventDict]) -> None:
    outputs = {"cost": {"type": "number"}, "region": {"type": "string"}}
    load = {"docker": {"image": image, "port": 9000, "health": "/up", "env": {"REGION": {"secret": "region"}}}}
    async with ml_source(load, outputs=outputs, secrets={"region": "north $HOME 'x'"}) as source:
        answer = await answered(source, ROW)
        assert answer.value == {"cost": 2000.005, "region": "north $HOME 'x'"}
        assert answer.served_by == f"docker: {image}"
        [container] = containers(image)
        assert docker("port", container).startswith("9000/tcp -> 127.0.0.1:")
        labels = docker("inspect", "--format", "{{json .Config.Labels}}", container)
        assert TOKEN in labels
        assert f'"{SOURCE_LABEL}":"insurance"' in labels

        docker("kill", container)
        assert (await failure_of(logged))["reason"] == "its container ended with exit code 137"
        assert (await answered(source, ROW)).value == answer.value
        assert containers(image) != [container]
    assert containers(image) == []


async def test_a_missing_image_means_a_model_that_is_down(image: str, logged: list[EventDict]) -> None:
    async with ml_source({"docker": {"image": "127.0.0.1:1/none:1"}}) as source:
        line = await failure_of(logged)
        with pytest.raises(UpstreamUnavailable, match="`docker run` failed"):
            await source.operations["predict"](ROW, NO_CALL)
    assert line["last_lines"]


async def test_a_container_that_is_not_healthy_in_time_is_removed(image: str, logged: list[EventDict]) -> None:
    load = {"docker": {"image": image, "port": 9000, "health": "/never", "start_timeout": "1s"}}
    async with ml_source(load):
        assert (await failure_of(logged))["reason"] == "it was not healthy within 1 seconds"
    assert containers(image) == []


async def test_leftovers_of_a_killed_service_are_removed(image: str, process_that_is_no_more: int) -> None:
    def left_by(process: int, owner: str) -> str:
        labels = {OWNER_LABEL: owner, PROCESS_LABEL: str(process), TOKEN_LABEL: "another"}
        told = [part for name, value in labels.items() for part in ("--label", f"{name}={value}")]
        return docker("run", "--detach", "--env", "REGION=x", *told, image)

    here = socket.gethostname()
    leftover, reused = left_by(process_that_is_no_more, here), left_by(os.getpid(), here)
    others = {left_by(os.getppid(), here), left_by(process_that_is_no_more, "another-machine")}
    try:
        await remove_leftovers(Docker())
        assert set(containers(image)) == others
        assert {leftover, reused}.isdisjoint(others)
    finally:
        docker("rm", "--force", *others)


async def test_without_a_docker_command_the_model_is_not_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, logged: list[EventDict]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    async with ml_source({"docker": {"image": "insurance-model:3"}}):
        assert (await failure_of(logged))["reason"] == "there is no command `docker` on this machine"


async def test_a_variable_of_several_lines_is_refused(image: str, logged: list[EventDict]) -> None:
    load = {"docker": {"image": image, "env": {"TOKEN": {"secret": "token"}}}}
    async with ml_source(load, secrets={"token": "a\nLD_PRELOAD=b"}):
        assert (await failure_of(logged))["reason"] == "the variable TOKEN has more than one line"
