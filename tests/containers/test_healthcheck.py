"""The health check of the images, run as the images run it."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

HEALTHCHECK = Path(__file__).parents[2] / "containers" / "healthcheck.py"

pytestmark = pytest.mark.integration


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/ready" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a server that is ready but for other paths."""
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def check(*arguments: object, **variables: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-IS", str(HEALTHCHECK), *map(str, arguments)]
    environment = {"PATH": os.environ["PATH"], **{name: str(value) for name, value in variables.items()}}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_a_ready_server_is_healthy(port: int) -> None:
    assert check("/ready", port).returncode == 0


def test_a_server_that_is_not_ready_is_unhealthy_and_the_reason_told(port: int) -> None:
    done = check("/other", port)

    assert done.returncode == 1
    assert done.stderr == f"/other at port {port}: 503\n"


def test_a_port_where_nobody_listens_is_unhealthy() -> None:
    done = check("/ready", 1)

    assert done.returncode == 1
    assert "refused" in done.stderr


@pytest.mark.parametrize("value", ["", "0x1", "port"])
def test_a_port_that_is_none_is_unhealthy_without_a_stack_trace(value: str) -> None:
    done = check("/ready", "PORT", value or "none")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_the_port_is_the_one_of_the_first_variable_that_is_set(port: int) -> None:
    assert check("/ready", "OUR_PORT", "PORT", 1, PORT=port).returncode == 0
    assert check("/ready", "OUR_PORT", "PORT", 1, OUR_PORT=port, PORT=1).returncode == 0
    assert check("/ready", "OUR_PORT", "PORT", port, OUR_PORT="").returncode == 0


def test_an_address_that_kubernetes_wrote_is_taken_for_no_port(port: int) -> None:
    written = {"ORCHESTRATOR_PORT": "tcp://10.0.0.1:8000"}

    assert check("/ready", "ORCHESTRATOR_PORT", "PORT", 1, PORT=port, **written).returncode == 0
    assert check("/ready", "ORCHESTRATOR_PORT", "PORT", port, **written).returncode == 0
