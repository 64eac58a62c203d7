"""One clock for each connection: bytes that arrive never move its deadline."""

import asyncio
from collections.abc import Callable
from typing import Protocol


class Timers(Protocol):
    """The part of an event loop that knows the time."""

    def time(self) -> float:
        """Return the time in seconds."""
        ...

    def call_at(self, when: float, callback: Callable[[], object], /) -> asyncio.TimerHandle:
        """Call this function at that time."""
        ...


class ConnectionClock:
    """Calls a function at a deadline, which may change with each request at next to no cost.

    A timer that is no longer needed stays and finds out when it fires, because most connections set a deadline
    thousands of times before one is reached.

    Args:
        timers: the event loop, or what a test puts in its place.
        on_deadline: called once for each deadline that is reached.
    """

    def __init__(self, timers: Timers, on_deadline: Callable[[], object]) -> None:
        self._timers = timers
        self._on_deadline = on_deadline
        self._deadline: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def allow(self, seconds: float) -> None:
        """Set the deadline to this many seconds from now, in place of the one before."""
        self._deadline = deadline = self._timers.time() + seconds
        if self._timer is not None:
            if self._timer.when() <= deadline:
                return
            self._timer.cancel()
        self._timer = self._timers.call_at(deadline, self._fire)

    def stop(self) -> None:
        """Take the deadline away for good."""
        self._deadline = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        if self._deadline is None:
            return
        if self._timers.time() < self._deadline:
            self._timer = self._timers.call_at(self._deadline, self._fire)
            return
        self._deadline = None
        self._on_deadline()
