"""One process under its guard: how it ends, and how its output is read."""

import asyncio
import os
import signal
import sys

import pytest
from supervised_processes.child import run_child
from supervised_processes.process import Process

pytestmark = pytest.mark.integration


def python(code: str) -> Process:
    return Process(name="child", command=(sys.executable, "-c", code), environment=dict(os.environ))


async def output_of(code: str) -> tuple[int, list[str]]:
    """The exit code and all lines."""
    lines: list[str] = []
    async with run_child(python(code), show=lambda _name, line: lines.append(line), grace_seconds=10) as child:
        exit_code = await child.wait()
    return exit_code, lines


async def test_a_process_that_ignores_sigterm_is_killed_after_its_grace() -> None:
    listening = asyncio.Event()
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('so what', flush=True); signal.pause()"

    async with run_child(python(code), show=lambda *_: listening.set(), grace_seconds=0.2) as child:
        await listening.wait()

    assert await child.wait() == -signal.SIGKILL


@pytest.mark.parametrize(("code", "expected"), [("raise SystemExit(3)", 3), ("import os; os.abort()", 134)])
async def test_the_exit_code_is_that_of_the_command(code: str, expected: int) -> None:
    assert (await output_of(code))[0] == expected


async def test_both_outputs_come_as_lines() -> None:
    _, lines = await output_of("import sys; sys.stderr.write('one\\n'); sys.stderr.write('two')")

    assert lines == ["one", "two"]


async def test_a_line_that_redraws_itself_shows_its_last_state() -> None:
    _, lines = await output_of("print('10 %\\r50 %\\r100 %\\r')")

    assert lines == ["100 %"]


async def test_endless_lines_and_binary_output_come_through() -> None:
    _, lines = await output_of("import sys; sys.stdout.buffer.write(b'x' * 200_000 + b'\\xff\\n')")

    assert "".join(lines) == "x" * 200_000 + "\N{REPLACEMENT CHARACTER}"
    assert len(lines) > 1


async def test_a_grandchild_with_open_output_does_not_delay_the_end() -> None:
    _, lines = await output_of(
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "print('done')"
    )

    assert lines == ["done"]
