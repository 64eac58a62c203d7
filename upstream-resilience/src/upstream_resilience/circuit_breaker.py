"""Leaves an upstream alone that fails too often, and finds out quickly when it is well again.

Own code: the libraries for asyncio count failures in a row, and know neither a window of time, nor slow calls, nor a
ping that ends the pause early.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context

from house_record import Value
from housing_price_orchestrator.domain import NO_PARAMS, ModelDetails, Params, Predictions

from upstream_resilience.errors import UPSTREAM, CircuitOpen, DeadlineExceeded, ResilienceError, UpstreamError
from upstream_resilience.events import BreakerChanged, BreakerState, OnEvent, ignore
from upstream_resilience.ports import Model
from upstream_resilience.probing import is_probe
from upstream_resilience.settings import BreakerSettings
from upstream_resilience.single_flight import SharedAsk
from upstream_resilience.verdict import is_failure

DETAILS_SECONDS = 2.0
"""Time in which a model server must say who its model is."""


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
        """One call ended now, which counts as so many."""
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
    """Whether an upstream may be called. Closed: yes. Open: no. Half-open: a few calls, which decide.

    Args:
        settings: when it opens, and for how long: twice as long each time that the probes fail. The terms are
            resilience4j's.
        on_event: told of each change.
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

    def check(self) -> None:
        """Refuse at once what could only be refused later.

        Raises:
            CircuitOpen: if it is open.
        """
        if self.state == "open" and (left := self._opens_until - self._now()) > 0:
            raise CircuitOpen(left, upstream=self._upstream)

    def begin(self) -> int:
        """A call is about to be made; the number is for ``end`` or ``forget``.

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
        """The call has ended, and counts as so many. One that began in another state says nothing about this one."""
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
        """The call was cancelled, or says nothing: another may be made in its place."""
        if call == self._generation and self.state == "half-open":
            self._probes_begun -= 1

    def half_open(self) -> None:
        """Let a few calls try, now."""
        self._change("half-open")
        self._probes_begun = self._probes_passed = 0

    @property
    def slow_seconds(self) -> float:
        """A call that takes longer counts as failed."""
        return self._settings.slow_seconds

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


class BreakerModel:
    """A model behind a circuit breaker.

    While it is open the upstream is pinged once a second, and two passes let calls try at once.

    Args:
        model: what is asked.
        breaker: decides.
        ping: returns where the upstream is well, and raises where it is not; None to wait for the pause to end.
        rows_of_a_call: calls of more rows may take longer in proportion before they count as slow.
        weight_of_hanging: a call that is not answered until its deadline counts as so many.
    """

    PASSES = 2

    def __init__(
        self,
        model: Model,
        breaker: CircuitBreaker,
        *,
        ping: Callable[[], Awaitable[None]] | None = None,
        ping_seconds: float = 1.0,
        rows_of_a_call: int = 64,
        weight_of_hanging: int = 1,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._details = SharedAsk(model.details, DETAILS_SECONDS)
        self._breaker = breaker
        self._ping = ping
        self._ping_seconds = ping_seconds
        self._rows_of_a_call = rows_of_a_call
        self._weight_of_hanging = weight_of_hanging
        self._sleep = sleep
        self._now = now
        self._pinging: asyncio.Task[None] | None = None

    async def predict(
        self, columns: Sequence[str], rows: Sequence[Sequence[Value]], params: Params = NO_PARAMS
    ) -> Predictions:
        """One output a row, in order.

        Raises:
            CircuitOpen: if the model is not to be asked now.
            UpstreamError: if there is no usable answer.
        """
        call = self._breaker.begin()
        began = self._now()
        slow_seconds = self._breaker.slow_seconds * max(1.0, len(rows) / self._rows_of_a_call)
        try:
            answer = await self._model.predict(columns, rows, params)
        except ResilienceError as error:
            if is_failure(error, self._now() - began, slow_seconds):
                self._end(
                    call, failed=True, weight=self._weight_of_hanging if isinstance(error, DeadlineExceeded) else 1
                )
            else:
                self._breaker.forget(call)
            raise
        except BaseException:
            self._breaker.forget(call)
            raise
        # Pauses before retries are none of the model's slowness.
        seconds = answer.timing.upstream_seconds or self._now() - began
        self._end(call, failed=seconds > slow_seconds)
        return answer

    async def details(self) -> ModelDetails:
        """What is known of the model that answers. Who asks while another does gets the same answer.

        A probe asks whatever the state: it is how the service finds out that the model is there again.

        Raises:
            CircuitOpen: if the model is not to be asked now.
            UpstreamError: if the model server does not answer.
        """
        if not is_probe():
            self._breaker.check()
        return await self._details()

    async def aclose(self) -> None:
        """End the pings."""
        if self._pinging:
            self._pinging.cancel()
            await asyncio.gather(self._pinging, return_exceptions=True)

    def _end(self, call: int, *, failed: bool, weight: int = 1) -> None:
        self._breaker.end(call, failed=failed, weight=weight)
        if self._ping and self._breaker.state == "open" and (self._pinging is None or self._pinging.done()):
            # In a context of its own: pings are no part of the request that happened to open it.
            self._pinging = asyncio.create_task(self._ping_until_well(self._ping), context=Context())

    async def _ping_until_well(self, ping: Callable[[], Awaitable[None]]) -> None:
        passes = 0
        while self._breaker.state == "open":
            await self._sleep(self._ping_seconds)
            try:
                await ping()
                passes += 1
            except (UpstreamError, DeadlineExceeded):
                passes = 0
            if passes >= self.PASSES and self._breaker.state == "open":
                self._breaker.half_open()
