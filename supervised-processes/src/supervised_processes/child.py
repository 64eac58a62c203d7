"""Runs one process under its guard, reads its output, and stops it with all its children."""

import asyncio
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from io import FileIO

from supervised_processes.process import Process

_KEPT_LINES = 12
_LONGEST_LINE = 65_536
_LAST_LINES_SECONDS = 1.0


class Child:
    """A running process, and the last lines of its output."""

    def __init__(self, guard: asyncio.subprocess.Process, last_lines: deque[str], reader: asyncio.Task[None]) -> None:
        self._guard = guard
        self._reader = reader
        self.last_lines = last_lines

    async def wait(self) -> int:
        """Wait for the end of the process and of its output, and return the exit code."""
        code = await self._guard.wait()
        await asyncio.wait([self._reader], timeout=_LAST_LINES_SECONDS)
        return code

    async def stop(self, grace_seconds: float) -> None:
        """Send SIGTERM, wait for `grace_seconds`, and kill what is left of its process group."""
        if self._guard.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self._guard.pid, signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._guard.wait(), grace_seconds)
        self.kill()
        await self._guard.wait()

    def kill(self) -> None:
        """Kill the process and all its children."""
        # macOS raises EPERM where only zombies are left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._guard.pid, signal.SIGKILL)


@asynccontextmanager
async def run_child(
    process: Process, *, show: Callable[[str, str], None], grace_seconds: float
) -> AsyncIterator[Child]:
    """Start the process, and stop it when the block ends; `show` takes its name and each line of output."""
    with ExitStack() as files:
        lifeline, kept_end = _open_pipe(files)
        output, written_end = _open_pipe(files)
        guard = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "supervised_processes.guard", *process.command),
            # With asyncio's own pipes, wait() lasts until every grandchild has closed them.
            stdin=lifeline,
            stdout=written_end,
            stderr=written_end,
            env=process.environment,
            start_new_session=True,
        )
        lifeline.close()
        written_end.close()
        last_lines: deque[str] = deque(maxlen=_KEPT_LINES)
        reader = asyncio.create_task(_show_lines(output, process.name, last_lines, show))
        child = Child(guard, last_lines, reader)
        try:
            yield child
        finally:
            await child.stop(grace_seconds)
            await asyncio.wait([reader], timeout=_LAST_LINES_SECONDS)
            reader.cancel()
            kept_end.close()


def _open_pipe(files: ExitStack) -> tuple[FileIO, FileIO]:
    """Open a pipe whose ends no other process inherits by accident."""
    read, written = os.pipe()
    return files.enter_context(FileIO(read, "r")), files.enter_context(FileIO(written, "w"))


async def _show_lines(output: FileIO, name: str, kept: deque[str], show: Callable[[str, str], None]) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), output)
    try:
        async for line in _read_lines(reader):
            kept.append(line)
            show(name, line)
    finally:
        transport.close()


async def _read_lines(reader: asyncio.StreamReader) -> AsyncIterator[str]:
    """Yield lines as they come. An endless line is cut; of a line that redraws itself, the last state counts."""
    rest = b""
    while chunk := await reader.read(_LONGEST_LINE):
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LONGEST_LINE:
            whole, rest = [*whole, rest], b""
        for line in whole:
            yield _decode(line)
    if rest:
        yield _decode(rest)


def _decode(line: bytes) -> str:
    return line.rstrip(b"\r").rpartition(b"\r")[2].decode(errors="replace")
