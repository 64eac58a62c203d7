"""Runs several processes together: they start when they may, and stop together.

Policy only: what a process is stands in `process.py`, how one is started and stopped in `child.py`.
"""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Sequence

from supervised_processes.child import Child, running
from supervised_processes.errors import ChildEndedError
from supervised_processes.process import Process

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_SECONDS = 15.0
SAME_CTRL_C_SECONDS = 1.0
"""`uv run` may pass on a Ctrl-C that the terminal has sent as well: two so close together are one."""


PARENT_WATCH_SECONDS = 0.5
STARTED_BY_UV = "UV_RUN_RECURSION_DEPTH"
"""The variable that `uv run` sets for what it runs."""


class _StopRequestedError(Exception):
    """A signal asked for the end; it cancels the tasks beside it as an error would."""


class Supervisor:
    """Runs the processes until a signal, or until one of them ends that should not.

    `show` takes a process's name and a line of its output.
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
        self._clock = clock
        self._children: list[Child] = []
        self._finished = {process.name: asyncio.Event() for process in processes}
        self._stop = asyncio.Event()
        self._stop_asked_at: float | None = None

    async def run(self, meanwhile: Awaitable[None]) -> None:
        """Run them, with `meanwhile` beside them; returns after SIGINT, SIGTERM or SIGHUP.

        Raises:
            ChildEndedError: after everything was stopped because a process ended.
            CommandError: what `meanwhile` raised, after everything was stopped.
        """
        loop = asyncio.get_running_loop()
        for number in _STOP_SIGNALS:
            loop.add_signal_handler(number, self.request_stop)
        try:
            async with asyncio.TaskGroup() as together:
                together.create_task(self._until_asked())
                if STARTED_BY_UV in os.environ:
                    together.create_task(self._until_orphaned(os.getppid()))
                for process in self._processes:
                    together.create_task(self._live(process))
                together.create_task(_awaited(meanwhile))
        except ExceptionGroup as failures:
            # What came first made the others fail.
            first = failures.exceptions[0]
            if not isinstance(first, _StopRequestedError):
                raise first from None
        finally:
            for number in _STOP_SIGNALS:
                loop.remove_signal_handler(number)
                # Nothing is left to stop: one more Ctrl-C must not turn a clean end into a failure.
                signal.signal(number, signal.SIG_IGN)

    def request_stop(self) -> None:
        """Stop all processes together; asked a second time, kill them at once."""
        now = self._clock()
        if self._stop_asked_at is None:
            self._stop_asked_at = now
            self._show("up", "stopping everything; Ctrl-C again kills at once")
            self._stop.set()
        elif now - self._stop_asked_at >= SAME_CTRL_C_SECONDS:
            self._show("up", "killed at once")
            for child in self._children:
                child.kill()

    async def _until_asked(self) -> None:
        await self._stop.wait()
        raise _StopRequestedError

    async def _until_orphaned(self, parent: int) -> None:
        """`uv run` can't pass on the SIGKILL that ends it; that its process is gone says the same."""
        while os.getppid() == parent:  # noqa: ASYNC110 - the kernel sets no event of ours
            await asyncio.sleep(PARENT_WATCH_SECONDS)
        self.request_stop()

    async def _live(self, process: Process) -> None:
        if process.starts_after:
            await self._finished[process.starts_after].wait()
        async with running(process, show=self._show, grace_seconds=self._grace_seconds) as child:
            self._children.append(child)
            exit_code = await child.exit_code()
        if not process.finishes or exit_code != 0:
            raise ChildEndedError(name=process.name, exit_code=exit_code, last_lines=tuple(child.last_lines))
        self._finished[process.name].set()


async def _awaited(work: Awaitable[None]) -> None:
    await work
