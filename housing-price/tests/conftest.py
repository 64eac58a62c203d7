"""`up` as a user starts it, with stand-ins for what it runs: the same module names, first on the path."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from free_ports import free_port

STAND_INS = Path(__file__).parent / "stand_ins"
SUPPORT = Path(__file__).parents[2] / "tests" / "support"
DEADLINE_SECONDS = 240.0


def eventually(what: Callable[[], Any]) -> Any:
    """What the question answers, once the answer is true."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (answer := what()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
    return answer


def is_running(pid: int) -> bool:
    """Whether the process exists and is no zombie, which only waits for its parent to look."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout.strip()[:1] not in ("", "Z")


class Up:
    """One run of `up`: its files, its options, and the process once started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.ports = [free_port(), free_port(), free_port()]
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")},
            "PYTHONPATH": os.pathsep.join(map(str, (STAND_INS, SUPPORT))),
            "STAND_IN_FOLDER": str(folder),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str, through: tuple[str, ...] = (), **variables: str) -> "Up":
        places = zip(("--port", "--model-port", "--mlflow-port"), map(str, self.ports), strict=True)
        command = [sys.executable, "-m", "housing_price", "up", *(word for place in places for word in place)]
        with self._file("out").open("ab") as out, self._file("err").open("ab") as err:
            self.process = subprocess.Popen(
                [*through, *command, "--state-dir", str(self.state), *options],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=self.environment | variables,
                start_new_session=True,
            )
        return self

    @property
    def out(self) -> str:
        return self._file("out").read_text()

    @property
    def err(self) -> str:
        return self._file("err").read_text()

    def ready(self) -> "Up":
        eventually(lambda: "Ctrl-C stops everything.\n" in self.out or self.ended)
        assert not self.ended, self.err
        return self

    def exit_code(self) -> int:
        assert self.process
        return self.process.wait(DEADLINE_SECONDS)

    @property
    def ended(self) -> bool:
        assert self.process
        return self.process.poll() is not None

    def send(self, number: int) -> None:
        assert self.process
        self.process.send_signal(number)

    def press_ctrl_c(self) -> None:
        """A terminal sends SIGINT to the whole foreground group."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGINT)

    def press_ctrl_c_until_it_ends(self) -> None:
        def pressed_in_vain() -> bool:
            if not self.ended:
                self.press_ctrl_c()
            return self.ended

        eventually(pressed_in_vain)

    def story(self, name: str) -> dict[str, Any]:
        """What a stand-in wrote down when it started."""
        file = self.folder / f"{name}.json"
        return json.loads(eventually(lambda: file.exists() and file.read_text()))  # type: ignore[no-any-return]  # JSON

    def started(self) -> list[str]:
        return sorted(file.stem for file in self.folder.glob("*.json"))

    def pids(self) -> list[int]:
        stories = [self.story(name) for name in self.started()]
        return [story[key] for story in stories for key in ("pid", "child") if key in story]

    def _file(self, name: str) -> Path:
        return self.folder / f"up.{name}"


@pytest.fixture
def ups(tmp_path: Path) -> Iterator[Callable[[], Up]]:
    """Makes runs of `up`, each with a folder of its own, and demands that none leaves a process."""
    made: list[Up] = []

    def make() -> Up:
        folder = tmp_path / f"run{len(made)}"
        folder.mkdir()
        made.append(Up(folder))
        return made[-1]

    yield make
    for run in made:
        if run.process and run.process.poll() is None:
            run.process.kill()
            run.process.wait()
    left_behind = [pid for run in made for pid in run.pids()]
    try:
        eventually(lambda: not any(map(is_running, left_behind)))
    finally:
        for pid in filter(is_running, left_behind):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def up(ups: Callable[[], Up]) -> Up:
    return ups()
