"""Stops a run early: on a signal, or when the `uv run` that started it is gone."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import psutil
from supervised_processes.stopping import StopRequests, call_on_stop_signals


@asynccontextmanager
async def cancel_on_stop_signals(say: Callable[[str], None]) -> AsyncIterator[None]:
    """Cancel the block at the first request to stop, so that it stops its processes; kill them at the second one."""
    task = asyncio.current_task()
    assert task  # noqa: S101 - a coroutine runs in a task
    async with call_on_stop_signals(StopRequests(stop=task.cancel, kill=kill_children, say=say).request):
        yield


def kill_children() -> None:
    """Kill every process that was started, with its group."""
    for child in psutil.Process().children():
        # Each is a guard, the leader of its group; macOS raises EPERM where only zombies are left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
