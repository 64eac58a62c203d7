"""Runs several processes together: starts each when it may start, and stops them together.

`process.py` says what a process is, `child.py` starts and stops one, `stopping.py` handles signals.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from supervised_processes.child import Child, run_child
from supervised_processes.errors import ChildEndedError
from supervised_processes.process import Process
from supervised_processes.stopping import StopRequests, call_on_stop_signals

GRACE_SECONDS = 15.0


class _StopRequestedError(Exception):
    """A signal asked for the end. It cancels the tasks beside it, as an error does."""


class Supervisor:
    """Runs processes until a signal, or until a process ends that should not.

    `show` takes the name of a process and a line of its output.
    """

    def __init__(
        self,
        processes: Sequence[Process],
        *,
        show: Callable[[str, str], None],
        grace_seconds: float = GRACE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._processes = processes
        self._show = show
        self._grace_seconds = grace_seconds
        self._children: list[Child] = []
        self._finished = {process.name: asyncio.Event() for process in processes}
        self._stop = asyncio.Event()
        self._requests = StopRequests(stop=self._stop.set, kill=self._kill, say=self._say, clock=clock)

    async def run(self, meanwhile: Awaitable[None]) -> None:
        """Run the processes, with `meanwhile` beside them; return after SIGINT, SIGTERM or SIGHUP.

        Raises:
            ChildEndedError: if a process ended; everything is stopped before.
            CommandError: if `meanwhile` raised it; everything is stopped before.
        """
        async with call_on_stop_signals(self.request_stop):
            try:
                async with asyncio.TaskGroup() as together:
                    together.create_task(self._raise_on_stop())
                    for process in self._processes:
                        together.create_task(self._supervise(process))
                    together.create_task(_await(meanwhile))
            except ExceptionGroup as failures:
                # The first failure made the others fail.
                first = failures.exceptions[0]
                if not isinstance(first, _StopRequestedError):
                    raise first from None

    def request_stop(self) -> None:
        """Stop all processes together; kill them at the second request."""
        self._requests.request()

    async def _raise_on_stop(self) -> None:
        await self._stop.wait()
        raise _StopRequestedError

    def _kill(self) -> None:
        self._say("killed at once")
        for child in self._children:
            child.kill()

    def _say(self, line: str) -> None:
        self._show("up", line)

    async def _supervise(self, process: Process) -> None:
        if process.starts_after:
            await self._finished[process.starts_after].wait()
        async with run_child(process, show=self._show, grace_seconds=self._grace_seconds) as child:
            self._children.append(child)
            exit_code = await child.wait()
        if not process.finishes or exit_code != 0:
            raise ChildEndedError(name=process.name, exit_code=exit_code, last_lines=tuple(child.last_lines))
        self._finished[process.name].set()


async def _await(work: Awaitable[None]) -> None:
    await work
