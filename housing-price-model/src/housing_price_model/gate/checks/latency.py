"""Checks that a version is about as fast as the champion: they take turns, so that load slows both."""

from collections.abc import Callable, Sequence
from itertools import cycle, islice
from statistics import median

from housing_price_model.gate.checks.check import Check, skip

BATCHES = (1, 64, 1_000)
MOST_TIMES = 2.0
RUNS = 20
LATENCY = "latency"
LIMIT = f"at most {MOST_TIMES:g} times the champion's"

type Clock = Callable[[], float]
type Price[Row] = Callable[[Sequence[Row]], object]


def check_latency[Row](
    price: Price[Row], champion: Price[Row] | None, rows: Sequence[Row], clock: Clock
) -> list[Check]:
    """Return a check for each batch size, skipped if there is no champion that prices.

    ``rows`` are repeated if there are too few; ``clock`` returns seconds.
    """
    prices = (price,) if champion is None else (price, champion)
    return [_check(count, time_in_turns(prices, list(islice(cycle(rows), count)), clock)) for count in BATCHES]


def time_in_turns[Row](prices: Sequence[Price[Row]], rows: Sequence[Row], clock: Clock) -> list[float]:
    """Return the median milliseconds that each takes to price the rows."""
    runs = [[_milliseconds(price, rows, clock) for price in prices] for _ in range(RUNS)]
    return [median(of_one) for of_one in zip(*runs, strict=True)]


def _check(count: int, milliseconds: Sequence[float]) -> Check:
    found = milliseconds[0]
    if len(milliseconds) == 1:
        return skip(_name(count), LIMIT, f"{found:.2f} ms")
    figure = f"{found:.2f} ms, champion {milliseconds[1]:.2f} ms"
    return Check(name=_name(count), passed=found <= MOST_TIMES * milliseconds[1], figure=figure, limit=LIMIT)


def _name(count: int) -> str:
    return f"{LATENCY} of {count:,} row{'s' if count > 1 else ''}"


def _milliseconds[Row](price: Price[Row], rows: Sequence[Row], clock: Clock) -> float:
    start = clock()
    price(rows)
    return (clock() - start) * 1_000
