"""Starts servers for a block of measuring, and commands that come to an end."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from supervised_processes.child import Child, running
from supervised_processes.errors import ChildEndedError
from supervised_processes.process import Process
from supervised_processes.readiness import loopback_client, wait_until_ready

START_SECONDS = 180.0
_GRACE_SECONDS = 15.0


@asynccontextmanager
async def serving(*processes: Process, start_seconds: float = START_SECONDS) -> AsyncIterator[None]:
    """The servers, ready, until the block ends.

    Raises:
        ChildEndedError: if one of them ends; the block is cancelled then.
        NotReadyInTimeError: if one of them does not get ready.
    """
    async with AsyncExitStack() as stack:
        children = [await stack.enter_async_context(_started(process)) for process in processes]
        try:
            async with asyncio.TaskGroup() as together:
                pairs = zip(processes, children, strict=True)
                watchers = [together.create_task(_must_not_end(process, child)) for process, child in pairs]
                await _wait_until_ready(processes, start_seconds)
                yield
                for watcher in watchers:
                    watcher.cancel()
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None


async def finished(process: Process) -> None:
    """Run a process to its end.

    Raises:
        ChildEndedError: if its exit code is not 0.
    """
    async with _started(process) as child:
        exit_code = await child.exit_code()
    if exit_code != 0:
        raise _ended(process, child, exit_code)


@asynccontextmanager
async def _started(process: Process) -> AsyncIterator[Child]:
    async with running(process, show=_unseen, grace_seconds=_GRACE_SECONDS) as child:
        yield child


async def _must_not_end(process: Process, child: Child) -> None:
    raise _ended(process, child, await child.exit_code())


async def _wait_until_ready(processes: Sequence[Process], seconds: float) -> None:
    urls = {process.name: process.ready_url for process in processes if process.ready_url}
    async with loopback_client() as client:
        await wait_until_ready(client, urls, seconds=seconds, got_ready=_unnamed)


def _ended(process: Process, child: Child, exit_code: int) -> ChildEndedError:
    return ChildEndedError(name=process.name, exit_code=exit_code, last_lines=tuple(child.last_lines))


def _unseen(_name: str, _line: str) -> None:
    """Lines of servers are shown only when one of them fails."""


def _unnamed(_name: str) -> None:
    """Nobody waits for one server alone."""
