"""A source as flows call it: in time, not too often at once, left alone while it fails, its answers remembered.

From a step inwards: cache, time limit, circuit breaker, retries, bulkhead, source.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cachetools import LRUCache
from pydantic_core import to_json
from upstream_resilience.bulkhead import Bulkhead
from upstream_resilience.circuit_breaker import CircuitBreaker
from upstream_resilience.deadline import current_deadline, deadline, remaining_seconds
from upstream_resilience.errors import CircuitOpen, UpstreamUnavailable, cause_of
from upstream_resilience.events import OnEvent, ignore
from upstream_resilience.failures import is_failure
from upstream_resilience.retry import NOT_WORTH_IT, Backoff, RetryBudget
from upstream_resilience.settings import BreakerSettings, RetrySettings

from declared_flows.errors import STEP_ERRORS, StepError
from declared_flows.execution.engine import CallResult, StepRecord, check_answer
from declared_flows.notation.expressions import to_plain
from declared_flows.planning.plan import PlannedStep
from declared_flows.sources.port import Answer, OpenSource, Params, SourceOptions

MOST_REMEMBERED_BYTES = 16 * 1024 * 1024
"""Size, as JSON, of the answers of one source that are remembered at most."""

_OVERHEAD_BYTES = 1000
"""What it takes to remember an answer, however small."""

MOST_WAITING = 500
"""Calls that may wait for their turn, for each source."""


@dataclass(frozen=True, slots=True)
class _Kept:
    at: float
    """A clock's time (seconds)."""
    answer: Answer
    size: int


class DirectSource:
    """A source that has guards of its own: the service's own model.

    Args:
        source: what is asked.
    """

    def __init__(self, source: OpenSource) -> None:
        self._operations = source.operations

    async def call(self, step: PlannedStep, params: Params, record: StepRecord) -> CallResult:
        """Ask it, within the time of the step.

        Raises:
            FlowError, ResilienceError: if there is no usable answer.
        """
        record.attempts += 1
        operation, limits = self._operations[str(step.operation)], current_deadline()
        if limits is not None and limits.ends_at <= _loop_time() + step.timeout_seconds:
            return CallResult(await operation(params))
        async with deadline(step.timeout_seconds):
            return CallResult(await operation(params))


class GuardedSource:
    """A source behind guards.

    Args:
        source: what is asked.
        options: how it is declared.
        breaker: when it is left alone.
        retry: how often calls are made again.
        on_event: told what the guards decide.
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
        retry = retry or RetrySettings()
        self._source = source
        self._attempts = options.attempts
        self._breaker = CircuitBreaker(breaker, on_event, now)
        self._bulkhead = Bulkhead(options.max_concurrency, MOST_WAITING)
        self._budget = RetryBudget(retry.budget, retry.budget_share)
        self._backoff = Backoff(retry.base_seconds, retry.cap_seconds, jitter)
        self._remembered: LRUCache[tuple[str, bytes], _Kept] = LRUCache(
            MOST_REMEMBERED_BYTES, getsizeof=lambda kept: kept.size
        )
        self._asking: dict[tuple[str, bytes], asyncio.Future[None]] = {}
        self._now = now
        self._sleep = sleep

    async def call(self, step: PlannedStep, params: Params, record: StepRecord) -> CallResult:
        """Ask it what the step asks.

        Raises:
            FlowError, ResilienceError: if there is no usable answer.
        """
        async with _time_of(step):
            if step.cache_seconds is None:
                return CallResult(await self._asked(step, params, record))
            return await self._recalled(step, step.cache_seconds, params, record)

    async def _recalled(self, step: PlannedStep, most_seconds: float, params: Params, record: StepRecord) -> CallResult:
        key = str(step.operation), to_json(to_plain(dict(sorted(params.items()))))
        while True:
            if (kept := self._remembered.get(key)) and self._now() - kept.at < most_seconds:
                return CallResult(kept.answer, is_cached=True)
            if key not in self._asking:
                return CallResult(await self._asked_and_kept(key, step, params, record))
            # Somebody asks already. Should that fail, this caller asks for itself.
            await asyncio.shield(self._asking[key])

    def _remember(self, key: tuple[str, bytes], answer: Answer) -> None:
        size = _OVERHEAD_BYTES + len(key[1]) + len(to_json(to_plain(answer.value)))
        if size <= self._remembered.maxsize:
            self._remembered[key] = _Kept(self._now(), answer, size)

    async def _asked_and_kept(
        self, key: tuple[str, bytes], step: PlannedStep, params: Params, record: StepRecord
    ) -> Answer:
        asking = self._asking[key] = asyncio.get_running_loop().create_future()
        try:
            answer = await self._asked(step, params, record)
            self._remember(key, answer)
            return answer
        finally:
            del self._asking[key]
            asking.set_result(None)

    async def _asked(self, step: PlannedStep, params: Params, record: StepRecord) -> Answer:
        call, began = self._breaker.begin(), self._now()
        try:
            answer = await self._tried(step, params, record)
        except STEP_ERRORS as error:
            self._judge(call, error, began)
            raise
        except asyncio.CancelledError:
            self._judge_cancelled(call, step, began)
            raise
        except BaseException:
            self._breaker.forget(call)
            raise
        # Not by the time that is slow for a model: what a source may take, its declaration says.
        self._breaker.end(call, failed=False)
        return answer

    async def _tried(self, step: PlannedStep, params: Params, record: StepRecord) -> Answer:
        operation = self._source.operations[str(step.operation)]
        most = 1 if step.writes else step.attempts or self._attempts
        self._budget.add()
        for attempt in range(1, most + 1):
            try:
                async with self._bulkhead:
                    record.attempts += 1
                    answer = await operation(params)
                return Answer(check_answer(step, answer.value), answer.rows, answer.served_by)
            except UpstreamUnavailable as error:
                pause = self._pause_before(attempt, most, error)
                if pause is None:
                    raise
            await self._sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _pause_before(self, attempt: int, most: int, error: UpstreamUnavailable) -> float | None:
        if attempt >= most or isinstance(error, CircuitOpen) or error.cause in NOT_WORTH_IT:
            return None
        pause = self._backoff.pause_seconds(attempt - 1, error.retry_after_seconds)
        return pause if pause < remaining_seconds(_loop_time()) and self._budget.take() else None

    def _judge(self, call: int, error: StepError, began: float) -> None:
        seconds = self._now() - began
        if cause_of(error) == "not_ready":  # it is being started: it will be well, and soon
            self._breaker.forget(call)
        elif is_failure(error, seconds, self._breaker.slow_seconds):
            self._breaker.end(call, failed=True)
        else:
            self._breaker.forget(call)

    def _judge_cancelled(self, call: int, step: PlannedStep, began: float) -> None:
        """A call that its own time limit ended speaks against the source; one whose caller left does not."""
        if self._now() - began >= min(step.timeout_seconds, self._breaker.slow_seconds):
            self._breaker.end(call, failed=True)
        else:
            self._breaker.forget(call)


def _time_of(step: PlannedStep) -> deadline:
    return deadline(max(0.0, min(step.timeout_seconds, remaining_seconds(_loop_time()))))


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
