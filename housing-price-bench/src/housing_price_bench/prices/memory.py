"""The memory of the platform after many single prices, and its growth."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from housing_price_bench.generators.load import Outcome
from housing_price_bench.prices.case import Trial
from housing_price_bench.prices.meter import Meter, measure_resident_mb

REQUESTS = 50_000
_LEAST_SECONDS = 0.05
_PARTS = 5


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Resident megabytes of each process after half of the requests, and after all of them."""

    requests_half: int
    requests: int
    half_mb: Mapping[str, float]
    end_mb: Mapping[str, float]
    failures: int

    @property
    def growth_mb(self) -> dict[str, float]:
        """The growth of each process in the second half."""
        return {name: end - self.half_mb[name] for name, end in self.end_mb.items()}


async def measure_memory(
    meter: Meter, trial: Trial, *, most_seconds: float, clock: Callable[[], float] = time.monotonic
) -> Memory:
    """Send many single requests in two halves, each limited in time, and measure the memory after each."""
    first = await _send_half(meter, trial, most_seconds, clock)
    half_mb = measure_resident_mb(trial.processes)
    second = await _send_half(meter, trial, most_seconds, clock)
    requests = [sum(outcome.requests for outcome in half) for half in (first, second)]
    return Memory(
        requests_half=requests[0],
        requests=sum(requests),
        half_mb=half_mb,
        end_mb=measure_resident_mb(trial.processes),
        failures=sum(outcome.failures for outcome in (*first, *second)),
    )


async def _send_half(meter: Meter, trial: Trial, most_seconds: float, clock: Callable[[], float]) -> list[Outcome]:
    """Send loads one after the other: no generator takes a number of requests and a time limit together."""
    ends_at = clock() + most_seconds
    outcomes: list[Outcome] = []
    missing = REQUESTS // 2
    while missing > 0 and (left := ends_at - clock()) > 0:
        seconds = min(trial.load.seconds, left, _estimate_seconds(missing, outcomes, trial.load.seconds))
        outcomes.append(await meter.send(replace(trial.load, seconds=max(seconds, _LEAST_SECONDS))))
        missing -= outcomes[-1].requests
    return outcomes


def _estimate_seconds(missing: int, outcomes: list[Outcome], seconds: float) -> float:
    """Estimate how long the missing requests take; the first load, of a part of the time, finds out the rate."""
    if not outcomes or not outcomes[-1].requests:
        return seconds / _PARTS
    return missing * outcomes[-1].seconds / outcomes[-1].requests
