"""Stops a run early: on a signal, or when the `uv run` that started it is gone."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import psutil
from supervised_processes.supervisor import PARENT_WATCH_SECONDS, SAME_CTRL_C_SECONDS, STARTED_BY_UV

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopping:
    """Cancels the run when asked, so that it stops what it has started; kills all that when asked again."""

    def __init__(
        self,
        *,
        cancel: Callable[[], object],
        kill: Callable[[], None],
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cancel = cancel
        self._kill = kill
        self._say = say
        self._clock = clock
        self._asked_at: float | None = None

    def request(self) -> None:
        """Stop; asked a second time, at once."""
        now = self._clock()
        if self._asked_at is None:
            self._asked_at = now
            self._cancel()
            self._say("stopping everything; Ctrl-C again kills at once")
        elif now - self._asked_at >= SAME_CTRL_C_SECONDS:
            self._kill()


@asynccontextmanager
async def cancel_on_stop_signals(say: Callable[[str], None]) -> AsyncIterator[None]:
    """Cancel the block on SIGINT, SIGTERM or SIGHUP, and when `uv run` has started it and is gone."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task  # noqa: S101 - a coroutine runs in a task
    stopping = Stopping(cancel=task.cancel, kill=kill_children, say=say)
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, stopping.request)
    watch = loop.create_task(_when_orphaned(stopping.request)) if STARTED_BY_UV in os.environ else None
    try:
        yield
    finally:
        if watch:
            watch.cancel()
        for number in _STOP_SIGNALS:
            loop.remove_signal_handler(number)
            # Nothing is left to stop: one more Ctrl-C must not turn a clean end into a failure.
            signal.signal(number, signal.SIG_IGN)


def kill_children() -> None:
    """End every process that was started, with its group, at once."""
    for child in psutil.Process().children():
        # Each is a guard, the leader of its group; macOS answers EPERM where only zombies are left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)


async def _when_orphaned(stop: Callable[[], None]) -> None:
    """`uv run` can't pass on the SIGKILL that ends it; that its process is gone says the same."""
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - the kernel sets no event of ours
        await asyncio.sleep(PARENT_WATCH_SECONDS)
    stop()
