"""The whole platform as a user runs it: `housing-price up` on free ports, talked to over HTTP."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from free_ports import free_port

READY_WITHIN_SECONDS = 240

AS_OF = "2026-12"
"""The date of valuation of the pages: prices of the next month may differ."""


@dataclass
class Platform:
    """A running `up`, its addresses, and what it prints."""

    process: subprocess.Popen[bytes]
    url: str
    model_url: str
    mlflow_url: str
    ports: tuple[int, int, int]
    output: Path

    @property
    def text(self) -> str:
        """What was printed so far."""
        return self.output.read_text()

    @property
    def ready_seconds(self) -> float:
        """How long the start took, as it says itself."""
        found = re.search(r"Ready after ([\d.]+) s", self.text)
        assert found, self.text
        return float(found[1])

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=120)

    def processes_left(self) -> list[str]:
        """Command lines of processes that still mention one of its ports."""
        listed = subprocess.run(["ps", "-axww", "-o", "command"], capture_output=True, text=True, check=True)
        ports = [f"--port {port}" for port in self.ports]
        return [line for line in listed.stdout.splitlines() if any(port in line for port in ports)]


@contextmanager
def running_platform(state_dir: Path, *options: str) -> Iterator[Platform]:
    """`housing-price up` with these options, ready; killed at the end if it still runs."""
    ports = free_port(), free_port(), free_port()
    output = state_dir.parent / f"up-{ports[0]}.log"
    names = ("--port", "--model-port", "--mlflow-port")
    addresses = [text for name, port in zip(names, ports, strict=True) for text in (name, str(port))]
    command = [sys.executable, "-m", "housing_price", "up", "--state-dir", str(state_dir), *addresses, *options]
    with output.open("wb") as printed:
        process = subprocess.Popen(command, stdout=printed, stderr=subprocess.STDOUT, env=_environment())
    url, model_url, mlflow_url = (f"http://127.0.0.1:{port}" for port in ports)
    platform = Platform(process, url, model_url, mlflow_url, ports=ports, output=output)
    try:
        _wait_until_announced(platform)
        yield platform
    finally:
        if process.poll() is None:
            platform.stop(signal.SIGTERM)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ORCHESTRATOR_", "MLFLOW_"))}
    return kept | {"ORCHESTRATOR_VALUATION__AS_OF": AS_OF}


def _wait_until_announced(platform: Platform) -> None:
    end = time.monotonic() + READY_WITHIN_SECONDS
    while "Ctrl-C stops everything.\n" not in platform.text:
        if platform.process.poll() is not None or time.monotonic() > end:
            raise AssertionError(platform.text)
        try:
            platform.process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            continue
    assert httpx.get(f"{platform.url}/ready").status_code == 200
