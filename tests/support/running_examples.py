"""The examples as a user runs them: `examples/up.py` on free ports, with a fresh state."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from free_ports import free_port, free_ports_in_a_row
from pydantic_core import from_json

FOLDER = Path(__file__).parents[2] / "examples"
API = "http://127.0.0.1:8000"
OWN_PORTS = 9
READY_WITHIN_SECONDS = 500.0


@dataclass(frozen=True)
class ReadmeLine:
    """A command of the README, and the answer that it shows."""

    title: str
    command: str
    answer: Any

    def at(self, url: str) -> list[str]:
        """The command for an API at another address."""
        return shlex.split(self.command.replace(API, url))


@dataclass(frozen=True)
class RunningExamples:
    """A running `up.py`."""

    url: str
    process: "subprocess.Popen[bytes]"
    state: Path
    output: Path

    @property
    def text(self) -> str:
        """What it printed so far."""
        return self.output.read_text()

    def processes_left(self) -> list[str]:
        """Command lines of processes that still mention its folder."""
        listed = subprocess.run(["ps", "-axww", "-o", "command"], capture_output=True, text=True, check=True)
        return [line for line in listed.stdout.splitlines() if str(self.state) in line]


def readme_lines() -> Sequence[ReadmeLine]:
    """The commands that the README shows, each with its answer."""
    text = (FOLDER / "README.md").read_text()
    found = re.findall(r"^## ([^\n:]+)[^\n]*\n(?:(?!^## ).*\n)*?\$ (curl .*)\n(.*)\n", text, flags=re.MULTILINE)
    return [ReadmeLine(title, command, from_json(answer)) for title, command, answer in found]


@contextmanager
def running_examples(state: Path) -> Iterator[RunningExamples]:
    """`up.py`, ready; in the end one interrupt must end all of it."""
    state.mkdir(parents=True)
    api, model, mlflow, first = free_port(), free_port(), free_port(), free_ports_in_a_row(OWN_PORTS)
    ports = {"--port": api, "--model-port": model, "--mlflow-port": mlflow, "--first-port": first}
    options = [text for name, port in ports.items() for text in (name, str(port))]
    command = [sys.executable, str(FOLDER / "up.py"), *options, "--state-dir", str(state)]
    output = state.parent / "examples.log"
    with output.open("wb") as printed:
        process = subprocess.Popen(command, stdout=printed, stderr=subprocess.STDOUT, env=_environment())
    running = RunningExamples(f"http://127.0.0.1:{api}", process, state, output)
    try:
        _wait_until_announced(running)
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(120)
    assert code == 0, running.text
    assert running.processes_left() == []


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("ORCHESTRATOR_", "MLFLOW_"))}


def _wait_until_announced(running: RunningExamples) -> None:
    end = time.monotonic() + READY_WITHIN_SECONDS
    while "Ctrl-C stops everything.\n" not in running.text:
        if running.process.poll() is not None or time.monotonic() > end:
            raise AssertionError(running.text)
        try:
            running.process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            continue
