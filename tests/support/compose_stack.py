"""A stack of `docker compose` of its own: own project, own ports, own image tag, no `.env` of a developer."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from free_ports import free_port

ROOT = Path(__file__).parents[2]
IMAGE_TAG = "e2e"
HEALTHY_WITHIN_SECONDS = 240
"""From a clean engine with the base images alone; on two cores, packages downloaded."""
COMMAND_SECONDS = 600.0


def docker(*arguments: str, environment: Mapping[str, str] | None = None, check: bool = True) -> str:
    """What a docker command prints on its standard output; its errors are the assertion's message."""
    done = subprocess.run(
        ["docker", *arguments],
        cwd=ROOT,
        env=environment or os.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=COMMAND_SECONDS,
    )
    assert not check or done.returncode == 0, (
        f"docker {' '.join(arguments)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
    )
    return done.stdout


def eventually[T](ask: Callable[[], T], *, seconds: float = 60.0) -> T:
    """The first answer that is not empty, asked for again and again until the time is up."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < end, f"nothing after {seconds} s"
        time.sleep(0.1)
    return answer


@dataclass
class Stack:
    """Services of the compose files under a project name; ``variables`` are what `.env` would hold."""

    project: str
    files: tuple[str, ...] = ("compose.yaml",)
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ports = {name: str(free_port()) for name in ("PORT", "MLFLOW_PORT", "PROMETHEUS_PORT")}
        self.variables = ports | {"IMAGE_TAG": IMAGE_TAG} | self.variables

    @property
    def url(self) -> str:
        """Where the orchestrator is published."""
        return f"http://127.0.0.1:{self.variables['PORT']}"

    @property
    def mlflow_url(self) -> str:
        """Where the registry is published."""
        return f"http://127.0.0.1:{self.variables['MLFLOW_PORT']}"

    def compose(self, *arguments: str, check: bool = True) -> str:
        """Run `docker compose` on this stack."""
        files = [text for file in self.files for text in ("--file", file)]
        options = ["--project-name", self.project, "--env-file", os.devnull, *files]
        prefixes = ("ORCHESTRATOR_", "MLFLOW_", "POSTGRES_", "COMPOSE_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
        return docker("compose", *options, *arguments, environment=kept | self.variables, check=check)

    def up(self) -> None:
        """Start what does not run, and wait until everything is healthy."""
        self.compose("up", "--detach", "--wait", "--wait-timeout", str(HEALTHY_WITHIN_SECONDS))

    def down(self) -> None:
        """Remove everything, the volumes too."""
        self.compose("--profile", "*", "down", "--volumes", "--remove-orphans")

    def container(self, service: str) -> str:
        """The id of a service's only container."""
        [found] = self.compose("ps", "--all", "--quiet", service).split()
        return found

    def inspect(self, service: str) -> dict[str, Any]:
        """What the engine knows about a service's container."""
        [found] = json.loads(docker("inspect", self.container(service)))
        return dict(found)

    def logs(self, service: str) -> str:
        """What a service has printed on both streams."""
        container = self.container(service)
        done = subprocess.run(["docker", "logs", container], capture_output=True, text=True, check=True)
        return done.stdout + done.stderr

    def predict(self, house: Mapping[str, Any], *, timeout_seconds: float = 10.0, key: str = "") -> httpx.Response:
        """The orchestrator's answer for a house, asked from outside."""
        route = f"{self.url}/api/v1/price/predict"
        with httpx.Client(trust_env=False, timeout=timeout_seconds) as client:
            return client.post(route, json=dict(house), headers={"X-API-Key": key} if key else {})

    def is_ready(self) -> bool:
        """Whether the orchestrator says that it can price houses."""
        try:
            return httpx.get(f"{self.url}/ready", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False
