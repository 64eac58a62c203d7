"""The memory of the platform after many single prices, and whether it still grows."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from housing_price_bench.case import Trial
from housing_price_bench.load import Outcome
from housing_price_bench.meter import Meter, resident_mb

REQUESTS = 50_000
_LEAST_SECONDS = 0.05
_PARTS = 5


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Resident megabytes of each process in the middle and at the end of these requests."""

    requests_half: int
    requests: int
    half_mb: Mapping[str, float]
    end_mb: Mapping[str, float]
    failures: int

    @property
    def growth_mb(self) -> dict[str, float]:
        """What each process has grown by in the second half."""
        return {name: end - self.half_mb[name] for name, end in self.end_mb.items()}


async def memory_after_requests(
    meter: Meter, trial: Trial, *, most_seconds: float, clock: Callable[[], float] = time.monotonic
) -> Memory:
    """Send many single requests in two halves, each bounded in time, and look at the memory after each."""
    first = await _half(meter, trial, most_seconds, clock)
    half_mb = resident_mb(trial.processes)
    second = await _half(meter, trial, most_seconds, clock)
    requests = [sum(outcome.requests for outcome in half) for half in (first, second)]
    return Memory(
        requests_half=requests[0],
        requests=sum(requests),
        half_mb=half_mb,
        end_mb=resident_mb(trial.processes),
        failures=sum(outcome.failures for outcome in (*first, *second)),
    )


async def _half(meter: Meter, trial: Trial, most_seconds: float, clock: Callable[[], float]) -> list[Outcome]:
    """Loads one after the other: no generator can be asked for a number of requests and a time at once."""
    ends_at = clock() + most_seconds
    outcomes: list[Outcome] = []
    missing = REQUESTS // 2
    while missing > 0 and (left := ends_at - clock()) > 0:
        seconds = min(trial.load.seconds, left, _seconds_for(missing, outcomes, trial.load.seconds))
        outcomes.append(await meter.send(replace(trial.load, seconds=max(seconds, _LEAST_SECONDS))))
        missing -= outcomes[-1].requests
    return outcomes


def _seconds_for(missing: int, outcomes: list[Outcome], seconds: float) -> float:
    """How long the missing requests take, as far as the rate is known; at first a part of the time, to learn it."""
    if not outcomes or not outcomes[-1].requests:
        return seconds / _PARTS
    return missing * outcomes[-1].seconds / outcomes[-1].requests
