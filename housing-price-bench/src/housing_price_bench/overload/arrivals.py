"""When requests come that do not wait for each other."""

from collections.abc import Iterator
from random import Random


def poisson_arrivals(per_second: float, seconds: float, seed: int) -> Iterator[float]:
    """Times (seconds) of independent arrivals at a mean rate, in order; the same for the same seed."""
    dice = Random(seed)  # noqa: S311 - not for secrets
    at = dice.expovariate(per_second)
    while at < seconds:
        yield at
        at += dice.expovariate(per_second)
