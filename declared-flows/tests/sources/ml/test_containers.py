"""What is said of containers that end early, with a script in place of the command `docker`."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop
from declared_flows.sources.ml.containers import run_container
from declared_flows.sources.ml.docker_command import Docker
from declared_flows.sources.ml.supervision import Exit, NotStarted
from ml_sources import failure_of, ml_source
from structlog.typing import EventDict

type Says = Callable[[str], None]
type MakeLoop = Callable[[], asyncio.AbstractEventLoop]
LAST_LINES = ["before", "ImportError: no module named x"]
LOGS = "logs) echo before; echo 'ImportError: no module named x' >&2 ;;"


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Says:
    """Make a command `docker` that does what is given for some of its commands, and notes all of them."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    def make(cases: str) -> None:
        script = tmp_path / "docker"
        script.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/done\ncase "$1" in\n{cases}\nesac\n')
        script.chmod(0o755)

    return make


@pytest.mark.parametrize("port", ["exit 1", "true"], ids=["it fails", "it says nothing"])
async def test_a_container_that_ends_at_once_logs_its_output(says: Says, port: str) -> None:
    says(f"port) {port} ;;\n{LOGS}")

    with pytest.raises(NotStarted) as caught:
        async with run_container(Docker(), "insurance:3", 8080, {}, "insurance"):
            pass

    assert caught.value.reason == "its container ended at once"
    assert list(caught.value.last_lines) == LAST_LINES


@pytest.mark.parametrize("make_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_its_variables_reach_docker_in_any_event_loop(says: Says, tmp_path: Path, make_loop: MakeLoop) -> None:
    says(f"port) echo 127.0.0.1:1 ;;\nrun) cat /dev/stdin > {tmp_path}/variables ;;")  # opens it as a file, like docker
    long = "x" * 200_000  # more than a pipe holds

    async def run() -> None:
        async with run_container(Docker(), "insurance:3", 8080, {"REGION": "north", "LONG": long}, "insurance"):
            pass

    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(run())

    assert (tmp_path / "variables").read_text() == f"REGION=north\nLONG={long}\n"


async def test_a_command_that_reads_nothing_of_what_it_is_given_ends_as_it_says(says: Says) -> None:
    says("login) exec echo done ;;")

    assert await Docker().run("login", given="x" * 200_000) == "done"


async def test_its_standard_error_is_kept_when_it_ends(says: Says) -> None:
    says(f"port) echo 127.0.0.1:1 ;;\nwait) echo 3 ;;\n{LOGS}")

    async with run_container(Docker(), "insurance:3", 8080, {}, "insurance") as container:
        assert await container.wait_for_exit() == Exit("its container ended with exit code 3", LAST_LINES)


async def test_an_unhealthy_model_is_logged_with_its_output(says: Says, logged: list[EventDict]) -> None:
    says(f"port) echo 127.0.0.1:1 ;;\nwait) exec sleep 60 ;;\n{LOGS}")

    async with ml_source({"docker": {"image": "insurance:3", "start_timeout": "10ms"}}):
        line = await failure_of(logged)

    assert (line["reason"], line["last_lines"]) == ("it was not healthy within 0.01 seconds", LAST_LINES)


async def test_it_is_removed_although_nobody_waits_for_that_any_more(says: Says, tmp_path: Path) -> None:
    says("port) echo 127.0.0.1:1 ;;\nstop) sleep 0.1 ;;")
    done = tmp_path / "done"

    async def run() -> None:
        async with run_container(Docker(), "insurance:3", 8080, {}, "insurance"):
            pass

    running = asyncio.create_task(run())
    while not done.exists() or "stop" not in done.read_text():  # noqa: ASYNC110  a script tells no one
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait([running])

    async with asyncio.timeout(120):
        await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()})
    await asyncio.sleep(0)  # the pipes of the last command are closed in the turn after its end
    assert "rm" in done.read_text().split()
