"""Arrival times of requests that do not wait for each other."""

from collections.abc import Iterator
from random import Random


def draw_poisson_arrivals(per_second: float, seconds: float, seed: int) -> Iterator[float]:
    """Yield the times, in seconds and in order, of independent arrivals at a mean rate; a seed fixes them."""
    dice = Random(seed)  # noqa: S311 - not for secrets
    at = dice.expovariate(per_second)
    while at < seconds:
        yield at
        at += dice.expovariate(per_second)
