"""Prediction intervals of evaluated sales: their coverage, width and interval score.

The interval score is the width, and for a price outside also its distance from the interval times 2 / (1 - coverage).
Intervals with the lowest mean score are the narrowest that keep their promise: T. Gneiting, A. E. Raftery, "Strictly
Proper Scoring Rules, Prediction, and Estimation", JASA 102, 2007, section 6.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COVERAGES = (0.8, 0.9, 0.95)
"""The coverages that are evaluated; others may be asked for."""

COVERAGE_LEVELS = tuple(round(100 * coverage) for coverage in COVERAGES)
"""The same in percent, as the metrics name them."""

type Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """The lower and upper bounds of each sale's interval, in US dollars."""

    lower: Vector
    upper: Vector


def score_intervals(actual: Vector, interval: Interval, coverage: float) -> Vector:
    """Return the interval score of each sale, in US dollars: lower is better.

    Args:
        actual: prices paid, of shape (n,).
        interval: the intervals, of shape (n,) each.
        coverage: what they promise.
    """
    below, above = np.maximum(interval.lower - actual, 0), np.maximum(actual - interval.upper, 0)
    return interval.upper - interval.lower + 2 / (1 - coverage) * (below + above)


def measure_intervals(actual: Vector, predicted: Vector, intervals: Mapping[float, Interval]) -> dict[str, float]:
    """Return the observed coverage, such as ``cv_coverage_90``, and the means of width and interval score as shares of
    the predicted price, such as ``cv_interval_width_90`` and ``cv_interval_score_90``."""
    figures = {
        f"cv_coverage_{100 * coverage:.0f}": float(np.mean((interval.lower <= actual) & (actual <= interval.upper)))
        for coverage, interval in intervals.items()
    }
    widths = {
        f"cv_interval_width_{100 * coverage:.0f}": float(np.mean((interval.upper - interval.lower) / predicted))
        for coverage, interval in intervals.items()
    }
    scores = {
        f"cv_interval_score_{100 * coverage:.0f}": float(
            np.mean(score_intervals(actual, interval, coverage) / predicted)
        )
        for coverage, interval in intervals.items()
    }
    return figures | widths | scores
