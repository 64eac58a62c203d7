"""One running process: started under its guard, read line by line, stopped with all that it started."""

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
_LAST_WORDS_SECONDS = 1.0


class Child:
    """A started process, with its last lines of output."""

    def __init__(self, guard: asyncio.subprocess.Process, last_lines: deque[str], reader: asyncio.Task[None]) -> None:
        self._guard = guard
        self._reader = reader
        self.last_lines = last_lines

    async def exit_code(self) -> int:
        """Wait for the end of the process, and for its last lines to be read."""
        code = await self._guard.wait()
        await asyncio.wait([self._reader], timeout=_LAST_WORDS_SECONDS)
        return code

    async def stop(self, grace_seconds: float) -> None:
        """Ask it to end, wait, and end what is left of its group, its own children included."""
        if self._guard.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self._guard.pid, signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._guard.wait(), grace_seconds)
        self.kill()
        await self._guard.wait()

    def kill(self) -> None:
        """End it and all that it has started, at once."""
        # macOS answers EPERM where only zombies are left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._guard.pid, signal.SIGKILL)


@asynccontextmanager
async def running(process: Process, *, show: Callable[[str, str], None], grace_seconds: float) -> AsyncIterator[Child]:
    """The process started, and stopped when the block ends; `show` takes its name and each line of output."""
    with ExitStack() as files:
        lifeline, held_end = _pipe(files)
        output, written_end = _pipe(files)
        guard = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "supervised_processes.guard", *process.command),
            # With pipes of asyncio's own, wait() would last until every grandchild has closed them.
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
            await asyncio.wait([reader], timeout=_LAST_WORDS_SECONDS)
            reader.cancel()
            held_end.close()


def _pipe(files: ExitStack) -> tuple[FileIO, FileIO]:
    """The two ends of a new pipe, which no other process inherits by accident."""
    read, written = os.pipe()
    return files.enter_context(FileIO(read, "r")), files.enter_context(FileIO(written, "w"))


async def _show_lines(output: FileIO, name: str, kept: deque[str], show: Callable[[str, str], None]) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), output)
    try:
        async for line in _lines(reader):
            kept.append(line)
            show(name, line)
    finally:
        transport.close()


async def _lines(reader: asyncio.StreamReader) -> AsyncIterator[str]:
    """Lines as they come; an endless one is cut, and of one that redraws itself the last state counts."""
    rest = b""
    while chunk := await reader.read(_LONGEST_LINE):
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LONGEST_LINE:
            whole, rest = [*whole, rest], b""
        for line in whole:
            yield _text(line)
    if rest:
        yield _text(rest)


def _text(line: bytes) -> str:
    return line.rstrip(b"\r").rpartition(b"\r")[2].decode(errors="replace")
