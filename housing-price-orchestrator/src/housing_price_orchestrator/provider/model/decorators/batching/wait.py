"""How long requests wait for a call to the model: what to expect, how long is too long, and who has waited too long."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from upstream_resilience.errors import Overloaded
from upstream_resilience.events import OnEvent, RequestShed

from housing_price_orchestrator.provider.model.decorators.batching.queue import QueuedRequest, RequestQueue

_WEIGHT_OF_LAST = 0.2
"""How much the last call counts in the expected time of the next; those before it share the rest."""

_CALLS_WORTH_WAITING_FOR = 2
"""Calls that a request waits for at least, however long they take: a slow model is not an overloaded one."""


_CLOSE_ENOUGH_SECONDS = 0.001


class Pace:
    """How long calls take of which ``slots`` run at the same time: a moving average (seconds)."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """Count a call that was answered after ``seconds``."""
        self.seconds += (seconds - self.seconds) * (_WEIGHT_OF_LAST if self.seconds else 1.0)


@dataclass(frozen=True, slots=True)
class WaitLimits:
    """How long requests may wait for a call (seconds)."""

    whole: float = float("inf")
    sliced: float = float("inf")


class QueueWait:
    """Knows how long requests wait, and refuses those that have waited too long.

    Args:
        queue: the requests that wait.
        pace: how long the calls take that whole requests go in, ``max_rows`` in each.
        pace_of_slices: how long those take that hold one slice of a large request.
        limits: how long they may wait.
        now: the clock by which requests arrived.
    """

    def __init__(
        self,
        queue: RequestQueue,
        pace: Pace,
        pace_of_slices: Pace,
        *,
        max_rows: int,
        limits: WaitLimits,
        on_event: OnEvent,
        now: Callable[[], float],
    ) -> None:
        self._queue = queue
        self._pace = pace
        self._pace_of_slices = pace_of_slices
        self._max_rows = max_rows
        self._limits = limits
        self._on_event = on_event
        self._now = now
        self._alarm: asyncio.TimerHandle | None = None
        self._rings_at = 0.0

    def expected_seconds(self, *, is_large: bool) -> float:
        """Return how long a request that comes now would wait."""
        if is_large:  # slices go in turn: a new request waits for one of each before it
            return self._queue.large / self._pace_of_slices.slots * self._pace_of_slices.seconds
        return self._queue.whole_rows / self._max_rows / self._pace.slots * self._pace.seconds

    def longest_seconds(self, *, is_large: bool) -> float:
        """Return how long a request may wait."""
        pace = self._pace_of_slices if is_large else self._pace
        limit = self._limits.sliced if is_large else self._limits.whole
        return max(limit, _CALLS_WORTH_WAITING_FOR * pace.seconds)

    def watch(self) -> None:
        """Refuse what waits now as soon as it has waited too long."""
        waits = self._seconds_left()
        if waits == float("inf"):
            return
        loop = asyncio.get_running_loop()
        rings_at = loop.time() + max(0.0, waits)
        if self._alarm:
            if self._rings_at <= rings_at + _CLOSE_ENOUGH_SECONDS:
                return
            self._alarm.cancel()
        self._rings_at = rings_at
        self._alarm = loop.call_at(rings_at, self._refuse_late)

    def aclose(self) -> None:
        """Stop watching."""
        if self._alarm:
            self._alarm.cancel()

    def _seconds_left(self) -> float:
        oldest = ((queued, self.longest_seconds(is_large=queued.is_slice)) for queued in self._queue.oldest())
        return min((queued.arrived + longest - self._now() for queued, longest in oldest), default=float("inf"))

    def _refuse_late(self) -> None:
        self._alarm = None
        for queued in self._queue.take_late(self._is_late):
            self._on_event(RequestShed("batch" if queued.is_slice else "single", "waited"))
            queued.fail(Overloaded("no call to the model was free in time"))
        self.watch()

    def _is_late(self, queued: QueuedRequest) -> bool:
        return self._now() - queued.arrived >= self.longest_seconds(is_large=queued.is_slice)
