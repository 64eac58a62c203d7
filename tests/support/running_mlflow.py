"""The real `mlflow-server` as a process, with an environment that says nothing else about MLflow."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from urllib.request import urlopen

from free_ports import free_port
from waiting import wait_until

START_SECONDS = 240.0
NO_VARIABLES: Mapping[str, str] = MappingProxyType({})
SEARCH = "/api/2.0/mlflow/experiments/search?max_results=1"
"""A question that asks for what the store holds."""


def environment(**changes: str) -> dict[str, str]:
    """This process's environment without MLflow's variables, and with these."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_") and k != "PYTHONDONTWRITEBYTECODE"}
    return kept | changes


@contextmanager
def running_mlflow(
    state: Path, *options: str, variables: Mapping[str, str] = NO_VARIABLES, stderr: int | None = None
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server that answers: its address and its process, killed at the end if it still runs."""
    port = free_port()
    command = [sys.executable, "-m", "mlflow_server", "--port", str(port), "--state-dir", str(state), *options]
    process = subprocess.Popen(command, env=environment(**variables), stderr=stderr)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(address, process)
        yield address, process
    finally:
        process.kill()
        process.communicate()


def _wait_until_healthy(address: str, process: subprocess.Popen[bytes]) -> None:
    def is_healthy() -> bool:
        assert process.poll() is None, "the server ended before it answered"
        try:
            urlopen(f"{address}/health", timeout=5).close()
        except OSError:
            return False
        return True

    wait_until(is_healthy, seconds=START_SECONDS)
