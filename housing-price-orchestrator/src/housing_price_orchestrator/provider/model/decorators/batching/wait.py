"""How long requests wait for a call to the model: what to expect, how long is too long, and who has waited too long."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from upstream_resilience.deadline import Deadline, remaining_call_seconds
from upstream_resilience.errors import Overloaded
from upstream_resilience.events import OnEvent, RequestShed

from housing_price_orchestrator.provider.model.decorators.batching.occupancy import Occupancy
from housing_price_orchestrator.provider.model.decorators.batching.pace import Pace
from housing_price_orchestrator.provider.model.decorators.batching.queue import QueuedRequest, RequestQueue

_CALLS_WORTH_WAITING_FOR = 4
"""Calls that a request waits for at least, if its deadline allows: a slow model is not an overloaded one, and a shorter
queue runs dry between random arrivals."""

_REQUESTS_WORTH_WAITING_FOR = 8
"""The same in requests, for calls that hold few."""

_SLOW_SHARE = 1 / 4
"""Share of the deadline from which on a call is slow, with all that may wait for it in the model. Quicker ones may
overlap: the model has the next one at hand when a call ends, and that adds little to the time of an answer."""

_SPREAD_SAFETY = 1.1
"""Time that a request must have left to wait for others, in calls."""

_CLOSE_ENOUGH_SECONDS = 0.001


@dataclass(frozen=True, slots=True)
class WaitLimits:
    """How long requests may wait for a call, and within what time calls must end (seconds)."""

    whole: float = float("inf")
    sliced: float = float("inf")
    call: float = float("inf")
    """From the arrival of a single request to the end of its call, where the request has no deadline of its own."""


class QueueWait:
    """Knows how long requests wait, and refuses those that can't be answered in time or have waited too long.

    Args:
        queue: the requests that wait.
        occupancy: what the model is busy with.
        pace: how long the calls take that whole requests go in, ``max_rows`` in each.
        pace_of_slices: how long those take that hold one slice of a large request.
        limits: how long they may wait.
        now: the clock by which requests arrived.
    """

    def __init__(
        self,
        queue: RequestQueue,
        occupancy: Occupancy,
        pace: Pace,
        pace_of_slices: Pace,
        *,
        max_rows: int,
        limits: WaitLimits,
        on_event: OnEvent,
        now: Callable[[], float],
    ) -> None:
        self._queue = queue
        self._occupancy = occupancy
        self._pace = pace
        self._pace_of_slices = pace_of_slices
        self._max_rows = max_rows
        self._calls_worth_waiting_for = max(_CALLS_WORTH_WAITING_FOR, _REQUESTS_WORTH_WAITING_FOR / max_rows)
        self._slow_seconds = _SLOW_SHARE * limits.call / max(2.0, occupancy.most_a_place)
        self._limits = limits
        self._on_event = on_event
        self._now = now
        self._alarm: asyncio.TimerHandle | None = None
        self._rings_at = 0.0

    @property
    def is_model_slow(self) -> bool:
        """Whether a call takes so long that no other should wait for it inside the model."""
        slow_seconds = self._slow_seconds
        return self._pace.expected_seconds > slow_seconds or self._occupancy.silent_seconds > slow_seconds

    def expected_seconds(self, *, is_large: bool) -> float:
        """Return how long a request that comes now would wait; infinite if it could not be answered in time."""
        if self.is_model_slow:
            return self._expected_of_slow_seconds(is_large=is_large)
        if is_large:  # slices go in turn: a new request waits for one of each before it
            return self._queue.large / self._occupancy.limit * self._pace_of_slices.seconds
        return self._queue.whole_rows / self._max_rows / self._occupancy.limit * self._pace.seconds

    def longest_seconds(self, *, is_large: bool) -> float:
        """Return how long a request may wait."""
        if is_large:
            return max(self._limits.sliced, _CALLS_WORTH_WAITING_FOR * self._pace_of_slices.seconds)
        return max(self._limits.whole, self._calls_worth_waiting_for * self._pace.seconds)

    def spread_seconds(self) -> float:
        """Return how long after the last call the next one should begin that fills none.

        Where calls take more than half of the deadline, who comes early in a call can't wait for its end. Calls that
        begin evenly spread leave out the fewest.
        """
        pace_seconds = self._pace.expected_seconds
        if 2 * pace_seconds <= self._limits.call:
            return 0.0
        oldest = next(self._queue.oldest(), None)
        deadline = oldest.request.deadline if oldest else None
        left = remaining_call_seconds(deadline, asyncio.get_running_loop().time()) - _SPREAD_SAFETY * pace_seconds
        return pace_seconds / self._occupancy.limit if left > 0 else 0.0

    def check(self, deadline: Deadline | None) -> None:
        """Refuse a whole request that comes now if others leave it no time for a call.

        Raises:
            Overloaded: if so.
        """
        if deadline is None or not self.is_model_slow or self._may_try:
            return
        left = remaining_call_seconds(deadline, asyncio.get_running_loop().time())
        if self._starts_in() + self._slow_call_seconds > left + _CLOSE_ENOUGH_SECONDS:
            self._on_event(RequestShed("single", "expected_wait"))
            raise Overloaded("others leave it no time for a call to the model")

    def refuse_hopeless(self) -> None:
        """Refuse requests at the head of the queue whose call could not end in time if it began now."""
        if not self._occupancy.busy:
            return  # nothing keeps the model from trying
        ends_at = asyncio.get_running_loop().time() + self._pace.expected_seconds - _CLOSE_ENOUGH_SECONDS

        def is_hopeless(queued: QueuedRequest) -> bool:
            deadline = queued.request.deadline
            return deadline is not None and deadline.calls_end_at < ends_at

        self._refuse(is_hopeless)

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

    @property
    def _may_try(self) -> bool:
        """Whether a call has room: if none were made, nobody would find out that the model is quicker by now."""
        return self._occupancy.has_free_place and not self._queue.fills_a_call and not self._queue.large

    @property
    def _slow_call_seconds(self) -> float:
        """What a call takes while the one before it has not been answered: at least as long as that one until now."""
        return max(self._pace.expected_seconds, self._occupancy.silent_seconds)

    def _expected_of_slow_seconds(self, *, is_large: bool) -> float:
        if self._may_try:
            return 0.0
        if is_large:
            turn_seconds = self._pace_of_slices.expected_seconds + (
                self._pace.expected_seconds if self._queue.whole else 0
            )
            return self._occupancy.starts_in(self._queue.large, turn_seconds)
        starts_in = self._starts_in()
        ends_in = starts_in + self._slow_call_seconds
        return starts_in if ends_in <= self._limits.call + _CLOSE_ENOUGH_SECONDS else float("inf")

    def _starts_in(self) -> float:
        turn_seconds = self._pace.expected_seconds + (self._pace_of_slices.expected_seconds if self._queue.large else 0)
        return self._occupancy.starts_in(self._queue.whole_rows // self._max_rows, turn_seconds)

    def _seconds_left(self) -> float:
        return min(map(self._seconds_left_of, self._queue.oldest()), default=float("inf"))

    def _seconds_left_of(self, queued: QueuedRequest) -> float:
        return queued.arrived + self._longest_of(queued) - self._now()

    def _longest_of(self, queued: QueuedRequest) -> float:
        longest = self.longest_seconds(is_large=queued.is_slice)
        if queued.is_slice:
            return longest
        return max(self._limits.whole, min(longest, self._limits.call - self._pace.seconds))

    def _refuse_late(self) -> None:
        self._alarm = None
        self._refuse(self._is_late)
        self.watch()

    def _refuse(self, is_late: Callable[[QueuedRequest], bool]) -> None:
        for queued in self._queue.take_late(is_late):
            self._on_event(RequestShed("batch" if queued.is_slice else "single", "waited"))
            queued.fail(Overloaded("no call to the model was free in time"))

    def _is_late(self, queued: QueuedRequest) -> bool:
        return self._seconds_left_of(queued) <= _CLOSE_ENOUGH_SECONDS
