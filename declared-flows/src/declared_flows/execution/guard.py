"""A source as flows call it: in time, not too often at once, left alone while it fails, its answers cached.

From a step inwards: time limit, cache, circuit breaker, retries, bulkhead, source. The policies are those of
``upstream_resilience``; their order is here, and how the end of a call counts.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from upstream_resilience.bulkhead import Bulkhead
from upstream_resilience.circuit_breaker import CallEnd, CircuitBreaker
from upstream_resilience.deadline import Deadline, remaining_call_seconds
from upstream_resilience.errors import cause_of
from upstream_resilience.events import OnEvent, ignore
from upstream_resilience.failures import is_failure
from upstream_resilience.retry import Retry
from upstream_resilience.settings import BreakerSettings, RetrySettings

from declared_flows.errors import STEP_ERRORS
from declared_flows.execution.cache import AnswerCache, key_of
from declared_flows.execution.engine import check_answer
from declared_flows.execution.run import CallResult, StepRecord
from declared_flows.planning.plan import PlannedStep
from declared_flows.sources.port import NO_CALL, Answer, Call, OpenSource, Params, SourceOptions

MAX_WAITING = 500
"""Calls that may wait for their turn, for each source."""


class DirectSource:
    """A source that has guards of its own: one of the program that serves flows.

    Args:
        source: the source.
    """

    def __init__(self, source: OpenSource) -> None:
        self._operations = source.operations

    async def call(self, step: PlannedStep, params: Params, record: StepRecord, call: Call = NO_CALL) -> CallResult:
        """Call it within the time of the step.

        Raises:
            FlowError, ResilienceError: if there is no usable answer.
        """
        record.attempts += 1
        operation, deadline = self._operations[str(step.operation)], Deadline.after(step.timeout_seconds)
        if call.deadline is not None and call.deadline.ends_at <= deadline.ends_at:
            return CallResult(await operation(params, call))
        async with deadline.limit():
            return CallResult(await operation(params, replace(call, deadline=deadline)))


class GuardedSource:
    """A source behind guards.

    Args:
        source: the source.
        options: how it is declared.
        breaker: when it is left alone.
        retry: how often calls are made again.
        on_event: hears what the circuit breaker decides.
        now: a clock (seconds).
        sleep: waits.
        jitter: a random number between 0 and 1.
    """

    def __init__(
        self,
        source: OpenSource,
        options: SourceOptions,
        breaker: BreakerSettings | None = None,
        retry: RetrySettings | None = None,
        *,
        on_event: OnEvent = ignore,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._source = source
        self._attempts = options.attempts
        self._breaker = CircuitBreaker(breaker, on_event, now)
        self._retry = Retry(retry, jitter=jitter, sleep=sleep)
        self._bulkhead = Bulkhead(options.max_concurrency, MAX_WAITING)
        self._cache = AnswerCache(now)

    async def call(self, step: PlannedStep, params: Params, record: StepRecord, call: Call = NO_CALL) -> CallResult:
        """Call it as the step says.

        Raises:
            FlowError, ResilienceError: if there is no usable answer.
        """
        deadline = _deadline_of(step, call)
        call = replace(call, deadline=deadline)

        async def make_call() -> Answer:
            return await self._call(step, params, record, call)

        async with deadline.limit():
            if step.cache_seconds is None:
                return CallResult(await make_call())
            return await self._cache.get(key_of(str(step.operation), params), step.cache_seconds, make_call)

    async def _call(self, step: PlannedStep, params: Params, record: StepRecord, call: Call) -> Answer:
        operation = self._source.operations[str(step.operation)]
        attempts = 1 if step.writes else step.attempts or self._attempts

        async def attempt() -> Answer:
            async with self._bulkhead:
                record.attempts += 1
                answer = await operation(params, call)
            return Answer(check_answer(step, answer.value), answer.rows, answer.served_by)

        return await self._breaker.call(
            lambda: self._retry.call(attempt, deadline=call.deadline, attempts=attempts),
            lambda end: self._judge(end, step),
        )

    def _judge(self, end: CallEnd[Answer], step: PlannedStep) -> int | None:
        """Return as how many failures a call counts; None if it does not count."""
        slow_seconds = self._breaker.slow_seconds
        match end.error:
            case None:
                # Slow calls are no failures here: a declaration sets how long a source may take.
                return 0
            case asyncio.CancelledError():
                # Its own time limit ended it, or its caller left.
                return 1 if end.seconds >= min(step.timeout_seconds, slow_seconds) else None
            case error if isinstance(error, STEP_ERRORS) and cause_of(error) != "not_ready":
                return 1 if is_failure(error, end.seconds, slow_seconds) else None
        return None  # a bug, or a source that is being started: it will be well, and soon


def _deadline_of(step: PlannedStep, call: Call) -> Deadline:
    left = remaining_call_seconds(call.deadline, asyncio.get_running_loop().time())
    return Deadline.after(max(0.0, min(step.timeout_seconds, left)))
