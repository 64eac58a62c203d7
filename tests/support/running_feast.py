"""Real Feast for tests: the feature server of ``examples/feast``, in its own environment."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import httpx
from free_ports import free_port

FOLDER = Path(__file__).parents[2] / "examples" / "feast"
INSTALL_SECONDS = 240.0
START_SECONDS = 240.0
_DROPPED = ("PYTHONDONTWRITEBYTECODE", "UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV")


@cache
def why_no_feast() -> str | None:
    """Why its environment can't be made here; None if it is there."""
    command = ["uv", "sync", "--project", str(FOLDER), "--frozen", "--quiet"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_SECONDS, env=_environment())
    except (OSError, subprocess.SubprocessError) as error:
        return f"the environment of Feast can't be made: {type(error).__name__}"
    return None


@contextmanager
def feast_server() -> Iterator[str]:
    """The address of the feature server while it runs."""
    port = free_port()
    command = [str(FOLDER / ".venv" / "bin" / "python"), str(FOLDER / "serve.py"), "--port", str(port)]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        command, env=_environment(), start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait(server, url)
            yield url
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(120)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)


def _wait(server: "subprocess.Popen[bytes]", url: str) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert server.poll() is None, f"Feast ended with exit code {server.returncode}"
        with suppress(httpx.TransportError):
            if httpx.get(f"{url}/health", trust_env=False).status_code == 200:
                return
        time.sleep(0.2)
    raise AssertionError("Feast was not there in time")


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _DROPPED}
