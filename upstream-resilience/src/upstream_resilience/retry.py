"""Makes a failed call once more, where that may help and does not add to the upstream's trouble.

Own code: the retry libraries know attempts and pauses, but no budget over all calls, which is what keeps a failing
upstream from being called twice as often.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from upstream_resilience.deadline import Deadline, remaining_call_seconds
from upstream_resilience.errors import CircuitOpen, UpstreamUnavailable
from upstream_resilience.events import NotRetried, OnEvent, Retried, ignore
from upstream_resilience.settings import RetrySettings

NOT_WORTH_IT = ("read_timeout", "pool_timeout", "ended")
"""Causes after which a call is not made again: its time is used up, or the caller's own limits ended it."""


class RetryBudget:
    """How many retries there may be: each call adds a share of one, each retry takes one.

    As in gRPC's proposal A6, with the share added for every call rather than for good ones.

    Args:
        most: how many there are at the start, and at most.
        share: what a call adds; over many failing calls the upstream sees 1 + share times as many.
    """

    def __init__(self, most: float = 10.0, share: float = 0.1) -> None:
        self._most = most
        self._share = share
        self._left = most

    def add(self, calls: int = 1) -> None:
        """Count calls that are made for the first time."""
        self._left = min(self._most, self._left + calls * self._share)

    def take(self) -> bool:
        """Take one retry; return whether there was one left."""
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass(frozen=True)
class Backoff:
    """Pauses before retries, with full jitter: any time up to a bound that doubles, so that callers come apart.

    Source: AWS Builders' Library, "Timeouts, retries, and backoff with jitter".

    Args:
        base_seconds: the bound of the first.
        cap_seconds: the largest bound.
        jitter: a random number between 0 and 1.
    """

    base_seconds: float = 0.025
    cap_seconds: float = 0.25
    jitter: Callable[[], float] = random.random

    def pause_seconds(self, retry: int, at_least: float | None = None) -> float:
        """Return the pause before this retry, counted from 0; not less than the upstream asked for."""
        pause = self.jitter() * min(self.cap_seconds, self.base_seconds * 2.0**retry)
        return max(pause, at_least or 0.0)


class Retry:
    """Makes a call again when there was no answer. Only one layer of a service should do that.

    Args:
        settings: how often a call is made at most, with which pauses, and how many retries all calls together may have.
        on_event: hears of each retry, and of each that could not be made.
        jitter: a random number between 0 and 1.
        sleep: waits (seconds).
        now: the event loop's time, by default.
    """

    def __init__(
        self,
        settings: RetrySettings | None = None,
        *,
        on_event: OnEvent = ignore,
        jitter: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], float] | None = None,
    ) -> None:
        settings = settings or RetrySettings()
        self._attempts = settings.attempts
        self._budget = RetryBudget(settings.budget, settings.budget_share)
        self._backoff = Backoff(settings.base_seconds, settings.cap_seconds, jitter)
        self._on_event = on_event
        self._sleep = sleep
        self._now = now or (lambda: asyncio.get_running_loop().time())

    async def call[Answer](
        self,
        attempt: Callable[[], Awaitable[Answer]],
        *,
        deadline: Deadline | None = None,
        attempts: int | None = None,
    ) -> Answer:
        """Return what the first attempt that succeeds returns.

        Args:
            attempt: makes the call; it must change nothing at the upstream, so that two do no harm.
            deadline: leaves no time for a pause that would end after it.
            attempts: how often this call is made at most, where that is not as the settings say.

        Raises:
            UpstreamUnavailable: if there was no answer, the last time.
        """
        self._budget.add()
        most = attempts or self._attempts
        retry = 0
        while True:
            try:
                return await attempt()
            except UpstreamUnavailable as error:
                pause = self._pause_before(retry, error, most, deadline)
                if pause is None:
                    raise
            await self._sleep(pause)
            retry += 1

    def _pause_before(
        self, retry: int, error: UpstreamUnavailable, attempts: int, deadline: Deadline | None
    ) -> float | None:
        """Return the pause before the next attempt; None if there must be none."""
        if retry + 1 >= attempts or isinstance(error, CircuitOpen) or error.cause in NOT_WORTH_IT:
            return None
        pause = self._backoff.pause_seconds(retry, error.retry_after_seconds)
        if pause >= remaining_call_seconds(deadline, self._now()):
            self._on_event(NotRetried(error.cause, "deadline"))
            return None
        if not self._budget.take():
            self._on_event(NotRetried(error.cause, "budget"))
            return None
        self._on_event(Retried(error.cause, pause))
        return pause
