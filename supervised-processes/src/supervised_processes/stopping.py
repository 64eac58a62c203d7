"""How a command in the foreground is asked to stop: by signals, or because the `uv run` that started it is gone."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SAME_CTRL_C_SECONDS = 1.0
"""`uv run` may forward a Ctrl-C that the terminal has sent too: two so close together are one."""

_PARENT_WATCH_SECONDS = 0.5
_STARTED_BY_UV = "UV_RUN_RECURSION_DEPTH"
"""The variable that `uv run` sets for its command."""


class StopRequests:
    """Stops at the first request, and kills at the second one.

    Args:
        stop: stops everything in an orderly way.
        kill: ends everything at once.
        say: shows a line to the user.
        clock: a monotonic clock, in seconds.
    """

    def __init__(
        self,
        *,
        stop: Callable[[], object],
        kill: Callable[[], None],
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stop = stop
        self._kill = kill
        self._say = say
        self._clock = clock
        self._first_at: float | None = None

    def request(self) -> None:
        """Stop; kill if this is the second request."""
        now = self._clock()
        if self._first_at is None:
            self._first_at = now
            self._stop()
            self._say("stopping everything; Ctrl-C again kills at once")
        elif now - self._first_at >= _SAME_CTRL_C_SECONDS:
            self._kill()


@asynccontextmanager
async def call_on_stop_signals(request: Callable[[], None]) -> AsyncIterator[None]:
    """Call `request` on SIGINT, SIGTERM and SIGHUP inside the block, and once the `uv run` that started it is gone.

    After the block the process ignores these signals.
    """
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, request)
    watch = loop.create_task(_call_when_orphaned(request)) if _STARTED_BY_UV in os.environ else None
    try:
        yield
    finally:
        if watch:
            watch.cancel()
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)
            # Nothing is left to stop: one more Ctrl-C must not turn a clean end into a failure.
            signal.signal(number, signal.SIG_IGN)


async def _call_when_orphaned(request: Callable[[], None]) -> None:
    """`uv run` can't forward the SIGKILL that ends it, but a new parent process shows it."""
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - the kernel sets no event of ours
        await asyncio.sleep(_PARENT_WATCH_SECONDS)
    request()
