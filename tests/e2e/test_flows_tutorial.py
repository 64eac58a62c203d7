"""The tutorial of docs/flows.md, done as it stands: its files are written, its commands run, one after the other."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from free_ports import free_port

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(600)]

PAGE = Path(__file__).parents[2] / "docs" / "flows.md"
START_SECONDS = 240


@dataclass(frozen=True)
class Block:
    """A fenced block of the page: its language, what follows that, and its text."""

    language: str
    manner: str
    text: str


def blocks() -> list[Block]:
    tutorial = PAGE.read_text().partition("\n## What happens when")[0]
    return [
        Block(*found) for found in re.findall(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", tutorial, re.MULTILINE | re.DOTALL)
    ]


class Reader:
    """Somebody who does what the page says, with the platform on other ports."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self._ports = free_port(), free_port(), free_port()
        programs = str(Path(sys.executable).parent)
        self._environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
        self.said: list[str] = []

    def do(self, block: Block) -> None:
        match block.language, block.manner:
            case "yaml", _:
                name = block.text.splitlines()[0].removeprefix("# ")
                (self.folder / name).write_text(block.text)
            case "bash", "serve":
                self._serve(block.text)
            case "bash", "fails":
                assert self._run(block.text) != 0
            case "bash", "within 10 s":
                self._run_until_it_goes_well(block.text)
            case "bash", "":
                assert self._run(block.text) == 0, self.said[-1]
                self.folder = self.folder / "parcels" if (self.folder / "parcels").is_dir() else self.folder

    def _run(self, commands: str) -> int:
        told = commands.replace("127.0.0.1:8000", f"127.0.0.1:{self._ports[0]}")
        ended = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", told],
            check=False,
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.said.append(ended.stdout + ended.stderr)
        return ended.returncode

    def _run_until_it_goes_well(self, commands: str) -> None:
        ends_at = time.monotonic() + 120
        while self._run(commands) != 0:
            assert time.monotonic() < ends_at, self.said[-1]

    def _serve(self, command: str) -> None:
        names = ("--port", "--model-port", "--mlflow-port")
        options = " ".join(f"{name} {port}" for name, port in zip(names, self._ports, strict=True))
        log = self._stack.enter_context((self.folder / "up.log").open("w"))
        process = subprocess.Popen(
            ["bash", "-c", f"exec env {command.strip()} {options}"],
            cwd=self.folder,
            env=self._environment,
            stdout=log,
            stderr=log,
        )
        self._stack.callback(process.wait, 60)
        self._stack.callback(process.terminate)
        ends_at = time.monotonic() + START_SECONDS
        while not self._is_ready():
            assert process.poll() is None, (self.folder / "up.log").read_text()
            assert time.monotonic() < ends_at, (self.folder / "up.log").read_text()

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self._ports[0]}/ready", timeout=1).status_code == 200
        except httpx.TransportError:
            return False


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with ExitStack() as stack:
        yield Reader(tmp_path, stack)


def test_the_tutorial_leads_from_an_empty_folder_to_a_served_endpoint(reader: Reader) -> None:
    for block in blocks():
        reader.do(block)

    said = "\n".join(reader.said)
    assert "valuation.yaml:22: `parcel` has no field `msSubClass`" in said
    assert "11 mistakes in the flows of flows" in said
    assert "flowchart LR" in said
    assert re.search(r'"parcelId":7,"price":\d+\.\d+,"perSquareFoot":\d+\.\d+', said)
    assert '"code":"NOT_FOUND"' in said
    assert '{"owner":"B. Ray"}' in said
    assert '"flow":"owner","route":"GET /api/v1/properties/{parcel_id}/owner","status":"succeeded"' in said
