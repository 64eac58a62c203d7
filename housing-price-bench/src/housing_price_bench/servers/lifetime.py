"""Starts servers for a block, and runs commands to their end."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from supervised_processes.child import Child, run_child
from supervised_processes.errors import ChildEndedError
from supervised_processes.process import Process
from supervised_processes.readiness import make_loopback_client, wait_until_ready

START_SECONDS = 180.0
_GRACE_SECONDS = 15.0


@asynccontextmanager
async def start_servers(*processes: Process, start_seconds: float = START_SECONDS) -> AsyncIterator[None]:
    """Start the servers, wait until they are ready, and stop them when the block ends.

    Raises:
        ChildEndedError: if one of them ends; the block is cancelled.
        NotReadyInTimeError: if one of them does not get ready in time.
    """
    async with AsyncExitStack() as stack:
        children = [await stack.enter_async_context(_start(process)) for process in processes]
        try:
            async with asyncio.TaskGroup() as together:
                pairs = zip(processes, children, strict=True)
                watchers = [together.create_task(_raise_when_ended(process, child)) for process, child in pairs]
                await _wait_until_ready(processes, start_seconds)
                yield
                for watcher in watchers:
                    watcher.cancel()
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None


async def run_to_end(process: Process) -> None:
    """Run a command to its end.

    Raises:
        ChildEndedError: if its exit code is not 0.
    """
    async with _start(process) as child:
        exit_code = await child.wait()
    if exit_code != 0:
        raise _make_error(process, child, exit_code)


@asynccontextmanager
async def _start(process: Process) -> AsyncIterator[Child]:
    async with run_child(process, show=_ignore_line, grace_seconds=_GRACE_SECONDS) as child:
        yield child


async def _raise_when_ended(process: Process, child: Child) -> None:
    raise _make_error(process, child, await child.wait())


async def _wait_until_ready(processes: Sequence[Process], seconds: float) -> None:
    urls = {process.name: process.ready_url for process in processes if process.ready_url}
    async with make_loopback_client() as client:
        await wait_until_ready(client, urls, seconds=seconds, on_ready=_ignore_name)


def _make_error(process: Process, child: Child, exit_code: int) -> ChildEndedError:
    return ChildEndedError(name=process.name, exit_code=exit_code, last_lines=tuple(child.last_lines))


def _ignore_line(_name: str, _line: str) -> None:
    """The error of a failed server shows its last lines; nobody reads the others."""


def _ignore_name(_name: str) -> None:
    """The block begins when all servers are ready."""
