"""How a run of `bench` ends early."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from housing_price_bench.stopping import cancel_on_stop_signals

DEADLINE_SECONDS = 12.0
"""Less than the grace that a process has before it is killed anyway."""


def eventually(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not what():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


@pytest.fixture
def signals_restored() -> Iterator[None]:
    """After a stop the process ignores further signals; the next tests must not."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals_restored")
async def test_a_signal_cancels_the_block() -> None:
    said: list[str] = []

    async def block() -> None:
        async with cancel_on_stop_signals(said.append):
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.Event().wait()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(block())

    assert said == ["stopping everything; Ctrl-C again kills at once"]


SERVING_FOR_EVER = """
import asyncio, os, signal, sys
from contextlib import suppress
from pathlib import Path
from housing_price_bench.servers.lifetime import run_to_end
from housing_price_bench.stopping import cancel_on_stop_signals
from supervised_processes.process import Process

stubborn = "import os, signal, sys, time; signal.signal(signal.SIGTERM, getattr(signal, sys.argv[2])); "
stubborn += "open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"

async def run():
    async with cancel_on_stop_signals(lambda line: print(line, flush=True)):
        command = (sys.executable, "-c", stubborn, sys.argv[1], os.environ["ON_SIGTERM"])
        await run_to_end(Process(name="it", command=command, environment=os.environ))

with suppress(asyncio.CancelledError, KeyboardInterrupt):
    asyncio.run(run())
Path(sys.argv[2]).touch()
"""


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., tuple[subprocess.Popen[bytes], int]]:
    def started(*through: str, **variables: str) -> tuple[subprocess.Popen[bytes], int]:
        pid, ended = tmp_path / "pid", tmp_path / "ended"
        command = [*through, sys.executable, "-c", SERVING_FOR_EVER, str(pid), str(ended)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | variables)
        eventually(lambda: pid.exists() and pid.read_text())
        return process, int(pid.read_text())

    return started


@pytest.mark.integration
def test_a_second_ctrl_c_kills_a_stubborn_process(
    start: Callable[..., tuple[subprocess.Popen[bytes], int]],
) -> None:
    process, server = start(ON_SIGTERM="SIG_IGN")

    def pressed_in_vain() -> bool:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        return process.poll() is not None

    eventually(pressed_in_vain)

    assert process.returncode == 0
    eventually(lambda: not psutil.pid_exists(server))


@pytest.mark.integration
def test_the_run_stops_when_uv_run_is_killed(
    start: Callable[..., tuple[subprocess.Popen[bytes], int]], tmp_path: Path
) -> None:
    uv_run, server = start("sh", "-c", '"$@"; exit $?', "sh", UV_RUN_RECURSION_DEPTH="1", ON_SIGTERM="SIG_DFL")

    uv_run.kill()
    uv_run.wait()

    eventually((tmp_path / "ended").exists)
    eventually(lambda: not psutil.pid_exists(server))
