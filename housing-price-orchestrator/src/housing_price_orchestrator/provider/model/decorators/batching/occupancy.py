"""What the model is busy with: the calls in flight, and those that were given up and that it still computes.

Learns how many calls the model computes at the same time. A serial server takes two calls and computes one after the
other: the second costs what it costs, and can't be withdrawn any more.
"""

from collections.abc import Callable
from dataclasses import dataclass

from housing_price_orchestrator.provider.model.decorators.batching.pace import Pace

_OVERDUE = 2
"""A call that takes so many times as long as expected hangs, or the pace has changed: another may go beside it."""

_WORTH_IT = 0.5
"""Share of the time beside others that calls must save for one more to be allowed."""

_EVIDENCE = 0.25
"""Time beside others from which on calls are judged, in calls."""

_DISTURBED = 1.5
"""How many times as long as alone calls take that disturb each other."""

_CALLS_UNTIL_NEXT_TRY = 32
"""Calls after which one more is tried again where it did not help."""


_CALLS_UNTIL_SOON = 8
"""The same where calls beside each other got no answer in time."""

_LEAST_TRY = 0.2
"""Time beside another call, in calls, from which on a try tells more than chance."""


@dataclass(slots=True, eq=False)
class RunningCall:
    """A call that the model has not answered yet."""

    began: float
    pace: Pace
    computed_from: float | None = None
    """When it was among the first ``limit``; None while others go first, as far as is known."""
    most: int = 0
    """How many calls ran at the same time, at most."""
    is_given_up: bool = False


class Occupancy:
    """Knows how long the model is busy with what it has been asked.

    Args:
        at_least: how many calls are as quick at the same time as one: one a server.
        at_most: how many may be tried.
        now: a clock (seconds).
    """

    def __init__(self, at_least: int, at_most: int, now: Callable[[], float]) -> None:
        self.limit = at_least
        """How many calls the model computes at the same time, as far as is known."""
        self._at_least = at_least
        self._at_most = max(at_least, at_most)
        self._now = now
        self._calls: list[RunningCall] = []
        self._answered_at = 0.0
        self._saved = self._beside = 0.0
        self._calls_until_try = 0

    def begin(self, pace: Pace) -> RunningCall:
        """Begin a call of the kind that has this pace."""
        now = self._now()
        self._forget(now)
        call = RunningCall(now, pace)
        self._calls.append(call)
        for each in self._calls:
            each.most = max(each.most, len(self._calls))
        self._compute_next(now)
        return call

    def answer(self, call: RunningCall) -> None:
        """End a call that was answered, and learn from it."""
        now = self._now()
        self._calls.remove(call)
        self._answered_at = now
        self._learn(call, now)
        self._compute_next(now)

    def fail(self, call: RunningCall) -> None:
        """End a call that the model no longer computes, without an answer that says how long it takes."""
        self._calls.remove(call)
        self._compute_next(self._now())

    def give_up(self, call: RunningCall) -> None:
        """End a call that the model may go on to compute: nobody can tell it to stop."""
        now = self._now()
        call.is_given_up = True
        if call.computed_from is not None and call.computed_from >= self._answered_at:
            call.pace.add_unanswered(now - call.computed_from)  # else others are answered: it alone hangs
            if self.limit > self._at_least and call.most > self._at_least:
                self._set_limit(self.limit - 1, calls_until_try=_CALLS_UNTIL_SOON)
        self._forget(now)

    @property
    def most_a_place(self) -> float:
        """How many calls one server may be given at the same time."""
        return self._at_most / self._at_least

    @property
    def silent_seconds(self) -> float:
        """How long the model has been computing without an answer."""
        oldest = next((call.computed_from for call in self._calls if not call.is_given_up), None)
        return 0.0 if oldest is None else self._now() - max(oldest, self._answered_at)

    @property
    def busy(self) -> int:
        """How many calls keep the model busy; one that is overdue does not count."""
        now = self._now()
        self._forget(now)
        return sum(not _is_overdue(call, now) for call in self._calls)

    @property
    def has_free_place(self) -> bool:
        """Whether the model would compute one more call at once."""
        self._forget(self._now())
        return len(self._calls) < self.limit

    @property
    def is_worth_a_try(self) -> bool:
        """Whether one call more than ``limit`` may go, to find out what it costs."""
        if self.limit >= self._at_most or self._calls_until_try > 0:
            return False
        now = self._now()
        return all(call.most <= self.limit and _has_long_to_go(call, now) for call in self._calls)

    def starts_in(self, calls_ahead: int, turn_seconds: float) -> float:
        """Return after how many seconds the model begins to compute a call that goes after others that wait.

        Args:
            calls_ahead: how many these are.
            turn_seconds: how long each keeps one of ``limit`` places.
        """
        now = self._now()
        self._forget(now)
        free_at = self._places_free_at(now)
        return free_at[calls_ahead % self.limit] + calls_ahead // self.limit * turn_seconds - now

    def changes_in(self) -> float:
        """Return after how many seconds a call is overdue or a given up one over; infinite if none will be."""
        now = self._now()
        ends = [_end(call) if call.is_given_up else _overdue_at(call) for call in self._calls]
        return min((end - now for end in ends if end > now), default=float("inf"))

    def _places_free_at(self, now: float) -> list[float]:
        computed = sorted(max(now, _end(call)) for call in self._calls if call.computed_from is not None)
        places = [now] * (self.limit - len(computed)) + computed[-self.limit :]
        for call in self._calls:
            if call.computed_from is None:
                places[0] += call.pace.expected_seconds
                places.sort()
        return places

    def _compute_next(self, now: float) -> None:
        """Take it that the first ``limit`` calls are computed from now on, if they were not before."""
        for call in self._calls[: self.limit]:
            if call.computed_from is None:
                call.computed_from = now

    def _forget(self, now: float) -> None:
        """Forget given up calls that are over by now."""
        while over := next((call for call in self._calls if call.is_given_up and _end(call) <= now), None):
            self._calls.remove(over)
            self._compute_next(_end(over))

    def _learn(self, call: RunningCall, now: float) -> None:
        pace = call.pace
        took = now - call.began
        computed = now - (call.began if call.computed_from is None else call.computed_from)
        self._calls_until_try -= 1
        if call.most <= self._at_least or took < pace.alone_seconds:
            pace.add_alone(took)
        if call.most <= self.limit:
            pace.add(computed)
            self._lower_limit_if_calls_disturb_each_other(pace)
        else:  # it may have been computed beside the others all the time, or only since they ended
            pace.add(max(computed, pace.alone_seconds or took))
            self._judge(call, now)

    def _lower_limit_if_calls_disturb_each_other(self, pace: Pace) -> None:
        if self.limit > self._at_least and pace.seconds > _DISTURBED * pace.alone_seconds > 0:
            self._set_limit(self.limit - 1)
            pace.seconds = pace.alone_seconds

    def _judge(self, call: RunningCall, now: float) -> None:
        """Weigh what calls saved by running beside others: all of that time, if the model computes them together."""
        computed_from = now if call.computed_from is None else call.computed_from
        alone_seconds = call.pace.alone_seconds
        if not alone_seconds:
            return
        self._saved += alone_seconds - (now - computed_from)
        self._beside += computed_from - call.began
        if self._beside < _EVIDENCE * alone_seconds or any(each.most > self.limit for each in self._calls):
            return
        if self._saved >= _WORTH_IT * self._beside:
            self._set_limit(min(self._at_most, self.limit + 1))
        else:
            self._calls_until_try = _CALLS_UNTIL_NEXT_TRY
        self._saved = self._beside = 0.0

    def _set_limit(self, limit: int, calls_until_try: int = 0) -> None:
        self.limit = limit
        self._saved = self._beside = 0.0
        self._calls_until_try = calls_until_try


def _end(call: RunningCall) -> float:
    """Return when a call ends at the present pace; never for one that others go before.

    For one that was given up only answers tell the pace: the model may have stopped, or never begun.
    """
    seconds = call.pace.seconds if call.is_given_up else call.pace.expected_seconds
    return float("inf") if call.computed_from is None else call.computed_from + seconds


def _has_long_to_go(call: RunningCall, now: float) -> bool:
    """Return whether a call that begins now would run beside this one for long enough to learn from."""
    return call.pace.alone_seconds > 0 and _end(call) - now >= _LEAST_TRY * call.pace.alone_seconds


def _overdue_at(call: RunningCall) -> float:
    return float("inf") if call.computed_from is None else call.computed_from + _OVERDUE * call.pace.expected_seconds


def _is_overdue(call: RunningCall, now: float) -> bool:
    return not call.is_given_up and now >= _overdue_at(call)
