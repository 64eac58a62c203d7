"""A process of ours: with a lifeline, so that it ends when we do; its last lines kept; ended with all that it started.

The lifeline is its standard input, whose other end only we hold: the kernel closes that however we end.
"""

import asyncio
import os
import signal
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from io import FileIO

_KEPT_LINES = 20
_LONGEST_LINE = 2_000
_CHUNK = 65_536
_LAST_WORDS_SECONDS = 1.0


class Child:
    """A process that runs, or ran."""

    def __init__(self, process: asyncio.subprocess.Process, lines: deque[str], reader: asyncio.Task[None]) -> None:
        self._process = process
        self._lines = lines
        self._reader = reader

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def last_lines(self) -> Sequence[str]:
        """Its last lines of output."""
        return list(self._lines)

    async def said_last(self) -> Sequence[str]:
        """The same, as of a container."""
        return self.last_lines

    async def exit_code(self) -> int:
        """Wait for its end, and for its last lines to be read."""
        code = await self._process.wait()
        await asyncio.wait([self._reader], timeout=_LAST_WORDS_SECONDS)
        return code

    async def stop(self, grace_seconds: float) -> None:
        """Ask it to end, wait, and end what is left of its group."""
        try:
            if self._process.returncode is None:
                with suppress(ProcessLookupError):
                    self._process.send_signal(signal.SIGTERM)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._process.wait(), grace_seconds)
        finally:
            # macOS answers EPERM where only zombies are left.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()


@asynccontextmanager
async def run_process(
    command: Sequence[str], environment: Mapping[str, str], *, files: Sequence[int], grace_seconds: float
) -> AsyncIterator[Child]:
    """The process, stopped when the block ends.

    Args:
        command: what is run.
        environment: all of its variables.
        files: open files that it gets, under the same numbers.
        grace_seconds: time that it has to end by itself.
    """
    with ExitStack() as ours:
        lifeline, held = _pipe(ours)
        output, written = _pipe(ours)
        process = await asyncio.create_subprocess_exec(
            *command,
            # With pipes of asyncio's own, wait() would last until every grandchild has closed them.
            stdin=lifeline,
            stdout=written,
            stderr=written,
            env=dict(environment),
            pass_fds=tuple(files),
            # A terminal's Ctrl-C is for us, and one signal to the group reaches everything at once.
            start_new_session=True,
        )
        lifeline.close()
        written.close()
        lines: deque[str] = deque(maxlen=_KEPT_LINES)
        reader = asyncio.create_task(_keep_lines(output, lines))
        child = Child(process, lines, reader)
        try:
            yield child
        finally:
            await child.stop(grace_seconds)
            reader.cancel()
            # It closes its end of the pipe before we do.
            await asyncio.wait([reader])
            held.close()


def _pipe(files: ExitStack) -> tuple[FileIO, FileIO]:
    """The two ends of a new pipe, which no other process inherits by accident."""
    read, written = os.pipe()
    return files.enter_context(FileIO(read, "r")), files.enter_context(FileIO(written, "w"))


async def _keep_lines(output: FileIO, kept: deque[str]) -> None:
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), output
    )
    try:
        rest = b""
        while chunk := await reader.read(_CHUNK):
            *whole, rest = (rest + chunk).split(b"\n")
            kept.extend(line[:_LONGEST_LINE].decode(errors="replace") for line in whole)
            rest = rest[:_LONGEST_LINE]
        if rest:
            kept.append(rest.decode(errors="replace"))
    finally:
        transport.close()
