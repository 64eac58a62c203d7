"""Checks that a candidate's prices are on the champion's level: both versions price the same houses."""

import numpy as np
from numpy.typing import ArrayLike

from housing_price_model.gate.checks.check import Check

LARGEST_SHIFT = 0.1
MOST_HOUSES = 1_000
LIMIT = f"the median of the price ratios shifts by at most {LARGEST_SHIFT * 100:g} %"


def check_level(name: str, candidate: ArrayLike, champion: ArrayLike) -> Check:
    """Compare the prices of the same houses, in the same order, by the two versions."""
    ours, theirs = np.asarray(candidate, dtype=np.float64), np.asarray(champion, dtype=np.float64)
    shift = float(np.median(ours / theirs)) - 1
    # NaN fails the comparison.
    passed = abs(shift) <= LARGEST_SHIFT
    return Check(name=name, passed=passed, figure=f"{shift:+.1%} on {ours.size:,} houses", limit=LIMIT)
