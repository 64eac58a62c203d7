"""Makes a failed call once more, where that may help and does not add to the upstream's trouble.

Own code: the retry libraries know attempts and pauses, but no budget over all calls, which is what keeps a failing
upstream from being asked twice as often.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from house_record import Value
from housing_price_orchestrator.domain import NO_PARAMS, ModelDetails, Params, Predictions

from upstream_resilience.deadline import remaining_seconds
from upstream_resilience.errors import CircuitOpen, UpstreamUnavailable
from upstream_resilience.events import NotRetried, OnEvent, Retried, ignore
from upstream_resilience.ports import Model
from upstream_resilience.settings import RetrySettings

NOT_WORTH_IT = ("read_timeout", "pool_timeout", "ended")
"""Causes after which a call is not made again: the time is used up, or it is our own that is short."""


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
        """So many calls were made for the first time."""
        self._left = min(self._most, self._left + calls * self._share)

    def take(self) -> bool:
        """Whether there is one retry left; it is taken then."""
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
        """The pause before this retry, counted from 0; not less than the upstream asked for."""
        pause = self.jitter() * min(self.cap_seconds, self.base_seconds * 2.0**retry)
        return max(pause, at_least or 0.0)


class RetriedModel:
    """A model whose calls are made again when there was no answer; the one layer in which that happens.

    Args:
        model: what is asked; calls change nothing there, so that two do no harm.
        settings: how often it is asked at most, with which pauses, and how many retries there may be over all calls.
        on_event: told of each retry, and of each that could not be.
    """

    def __init__(
        self,
        model: Model,
        settings: RetrySettings | None = None,
        *,
        on_event: OnEvent = ignore,
        jitter: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], float] | None = None,
    ) -> None:
        self._model = model
        settings = settings or RetrySettings()
        self._attempts = settings.attempts
        self._budget = RetryBudget(settings.budget, settings.budget_share)
        self._backoff = Backoff(settings.base_seconds, settings.cap_seconds, jitter)
        self._on_event = on_event
        self._sleep = sleep
        self._now = now or (lambda: asyncio.get_running_loop().time())

    async def predict(
        self, columns: Sequence[str], rows: Sequence[Sequence[Value]], params: Params = NO_PARAMS
    ) -> Predictions:
        """One output a row, in order.

        Raises:
            UpstreamError: if there is no usable answer, the last time it was asked.
        """
        self._budget.add()
        retry = 0
        while True:
            try:
                return await self._model.predict(columns, rows, params)
            except UpstreamUnavailable as error:
                pause = self._pause_before(retry, error)
                if pause is None:
                    raise
            await self._sleep(pause)
            retry += 1

    async def details(self) -> ModelDetails:
        """What is known of the model that answers; who wants to know asks again by itself.

        Raises:
            UpstreamError: if the model server does not answer.
        """
        return await self._model.details()

    def _pause_before(self, retry: int, error: UpstreamUnavailable) -> float | None:
        """The pause before asking again; None where that is not to be."""
        if retry + 1 >= self._attempts or isinstance(error, CircuitOpen) or error.cause in NOT_WORTH_IT:
            return None
        pause = self._backoff.pause_seconds(retry, error.retry_after_seconds)
        if pause >= remaining_seconds(self._now()):
            self._on_event(NotRetried(error.cause, "deadline"))
            return None
        if not self._budget.take():
            self._on_event(NotRetried(error.cause, "budget"))
            return None
        self._on_event(Retried(error.cause, pause))
        return pause
