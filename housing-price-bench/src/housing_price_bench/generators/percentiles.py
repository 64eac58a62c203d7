"""Percentiles of a list of samples."""

import math
from collections.abc import Sequence


def compute_percentile(ordered: Sequence[float], percent: float) -> float | None:
    """Return the nearest-rank percentile of samples in ascending order, or None without samples."""
    if not ordered:
        return None
    rank = math.ceil(percent / 100 * len(ordered))
    return ordered[max(rank, 1) - 1]
