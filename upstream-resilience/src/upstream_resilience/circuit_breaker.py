"""Leaves an upstream alone that fails too often, and finds out quickly when it is well again.

Own code: the libraries for asyncio count failures in a row, and know neither a window of time, nor slow calls, nor a
ping that ends the pause early.
"""

import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from upstream_resilience.errors import UPSTREAM, CircuitOpen
from upstream_resilience.events import BreakerChanged, BreakerState, OnEvent, ignore
from upstream_resilience.settings import BreakerSettings


@dataclass(slots=True)
class CallEnd[Answer]:
    """How a call ended: after how long, and with an answer or an error."""

    seconds: float
    answer: Answer | None = None
    error: BaseException | None = None
    silent_seconds: float = 0.0
    """For how long the upstream has answered no call at all; longer than the call took if those before got none."""


type Judge[Answer] = Callable[[CallEnd[Answer]], int | None]
"""Says as how many failures the end of a call counts: 0 for a success; None if it says nothing about the upstream."""


class RecentCalls:
    """How many calls there were in the last seconds, and how many of them failed; kept by the second.

    Args:
        seconds: how far back it goes.
    """

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._by_second: deque[list[int]] = deque()
        self.calls = 0
        self.failures = 0

    def add(self, now: float, *, failed: bool, weight: int = 1) -> None:
        """Count a call that ended now, as ``weight`` calls."""
        self._forget(now)
        second = int(now)
        if not self._by_second or self._by_second[-1][0] != second:
            self._by_second.append([second, 0, 0])
        self._by_second[-1][1] += weight
        self._by_second[-1][2] += weight * failed
        self.calls += weight
        self.failures += weight * failed

    def clear(self) -> None:
        """Forget all of them."""
        self._by_second.clear()
        self.calls = self.failures = 0

    def _forget(self, now: float) -> None:
        while self._by_second and self._by_second[0][0] <= now - self._seconds:
            _, calls, failures = self._by_second.popleft()
            self.calls -= calls
            self.failures -= failures


class CircuitBreaker:
    """Decides whether an upstream may be called. Closed: yes. Open: no. Half-open: a few calls, which decide.

    Args:
        settings: when it opens, and for how long: twice as long each time that the probes fail. The terms are
            resilience4j's.
        on_event: hears of each change.
        now: a clock (seconds).
        upstream: what errors call the upstream.
    """

    def __init__(
        self,
        settings: BreakerSettings | None = None,
        on_event: OnEvent = ignore,
        now: Callable[[], float] = time.monotonic,
        *,
        upstream: str = UPSTREAM,
    ) -> None:
        self._upstream = upstream
        self._settings = settings or BreakerSettings()
        self._on_event = on_event
        self._now = now
        self._recent = RecentCalls(self._settings.window_seconds)
        self.state: BreakerState = "closed"
        self._open_seconds = self._settings.open_seconds
        self._opens_until = 0.0
        self._probes_begun = 0
        self._probes_passed = 0
        self._generation = 0
        self._in_flight = 0
        self._silent_since: float | None = None

    async def call[Answer](self, attempt: Callable[[], Awaitable[Answer]], judge: "Judge[Answer]") -> Answer:
        """Make a call if the upstream may be called, and count how it ended.

        Args:
            attempt: makes the call.
            judge: says what its end says about the upstream.

        Raises:
            CircuitOpen: if the call must not be made.
        """
        call, began = self.begin(), self._now()
        self._in_flight += 1
        if self._silent_since is None:
            self._silent_since = began
        try:
            answer = await attempt()
        except BaseException as error:
            self._in_flight -= 1
            self._count(call, judge(self._end_of_call(began, error=error)))
            raise
        self._in_flight -= 1
        self._count(call, judge(self._end_of_call(began, answer)))
        self._silent_since = self._now() if self._in_flight else None
        return answer

    def check(self) -> None:
        """Refuse a call at once that ``begin`` could only refuse later.

        Raises:
            CircuitOpen: if it is open.
        """
        if self.state == "open" and (left := self._opens_until - self._now()) > 0:
            raise CircuitOpen(left, upstream=self._upstream)

    def begin(self) -> int:
        """Begin a call, and return its number for ``end`` or ``forget``.

        Raises:
            CircuitOpen: if it must not be made.
        """
        if self.state == "closed":
            return self._generation
        if self.state == "open":
            self.check()
            self.half_open()
        if self._probes_begun >= self._settings.probes:
            raise CircuitOpen(self._settings.slow_seconds, upstream=self._upstream)
        self._probes_begun += 1
        return self._generation

    def end(self, call: int, *, failed: bool, weight: int = 1) -> None:
        """End a call, which counts as ``weight`` calls. One that began in another state counts for nothing."""
        if call != self._generation:
            return
        if self.state == "half-open":
            self._end_probe(failed=failed)
            return
        now = self._now()
        self._recent.add(now, failed=failed, weight=weight)
        calls, failures = self._recent.calls, self._recent.failures
        if failed and calls >= self._settings.minimum_calls and failures >= self._settings.failure_share * calls:
            self._open_for(self._settings.open_seconds)

    def forget(self, call: int) -> None:
        """End a call that was cancelled or says nothing: another may be made in its place."""
        if call == self._generation and self.state == "half-open":
            self._probes_begun -= 1

    def half_open(self) -> None:
        """Let a few calls try now."""
        self._change("half-open")
        self._probes_begun = self._probes_passed = 0

    @property
    def slow_seconds(self) -> float:
        """A call that takes longer counts as failed."""
        return self._settings.slow_seconds

    def _end_of_call[Answer](
        self, began: float, answer: Answer | None = None, error: BaseException | None = None
    ) -> CallEnd[Answer]:
        now = self._now()
        silent_since = began if self._silent_since is None else self._silent_since
        return CallEnd(now - began, answer, error, now - silent_since)

    def _count(self, call: int, failures: int | None) -> None:
        if failures is None:
            self.forget(call)
        else:
            self.end(call, failed=failures > 0, weight=max(failures, 1))

    def _end_probe(self, *, failed: bool) -> None:
        if failed:
            self._open_for(min(2 * self._open_seconds, self._settings.longest_open_seconds))
            return
        self._probes_passed += 1
        if self._probes_passed >= self._settings.probes:
            self._recent.clear()
            self._change("closed")

    def _open_for(self, seconds: float) -> None:
        calls, failures = self._recent.calls, self._recent.failures
        self._recent.clear()
        self._open_seconds = seconds
        self._opens_until = self._now() + seconds
        self._change("open", calls, failures, seconds)

    def _change(self, state: BreakerState, calls: int = 0, failures: int = 0, open_seconds: float = 0.0) -> None:
        self.state = state
        self._generation += 1
        self._on_event(BreakerChanged(state, calls, failures, open_seconds))
