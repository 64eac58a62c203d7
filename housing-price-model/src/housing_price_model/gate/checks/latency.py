"""Checks that a version is fast enough: the best of several runs counts, because load only adds time."""

from collections.abc import Callable, Sequence
from itertools import cycle, islice

from housing_price_model.gate.checks.check import Check

MOST_MILLISECONDS = {1: 1.0, 64: 8.0, 1_000: 100.0}
RUNS = 20

type Clock = Callable[[], float]


def check_latency[Row](price: Callable[[Sequence[Row]], object], rows: Sequence[Row], clock: Clock) -> list[Check]:
    """Return a check for each batch size. ``rows`` are repeated if there are too few; ``clock`` returns seconds."""
    batches = {count: list(islice(cycle(rows), count)) for count in MOST_MILLISECONDS}
    return [
        _check(count, min(_milliseconds(price, batches[count], clock) for _ in range(RUNS)), most)
        for count, most in MOST_MILLISECONDS.items()
    ]


def _check(count: int, found: float, most: float) -> Check:
    name = f"latency of {count:,} row{'s' if count > 1 else ''}"
    return Check(name=name, passed=found <= most, figure=f"{found:.2f} ms", limit=f"at most {most:g} ms")


def _milliseconds[Row](price: Callable[[Sequence[Row]], object], rows: Sequence[Row], clock: Clock) -> float:
    start = clock()
    price(rows)
    return (clock() - start) * 1_000
