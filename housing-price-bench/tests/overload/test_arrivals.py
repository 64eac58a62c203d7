"""Arrival times."""

import math
from itertools import pairwise

import pytest
from housing_price_bench.overload.arrivals import draw_poisson_arrivals


def test_arrivals_are_random_at_the_rate_and_repeatable() -> None:
    arrivals = list(draw_poisson_arrivals(200, 50, seed=1))

    assert arrivals == list(draw_poisson_arrivals(200, 50, seed=1)) == sorted(arrivals)
    assert arrivals != list(draw_poisson_arrivals(200, 50, seed=2))
    assert len(arrivals) == pytest.approx(10_000, rel=0.03)
    assert 0 < arrivals[0] < arrivals[-1] < 50
    # As many gaps are longer than the mean one as an exponential distribution has.
    assert sum(later - earlier > 1 / 200 for earlier, later in pairwise(arrivals)) == pytest.approx(
        10_000 / math.e, rel=0.05
    )
