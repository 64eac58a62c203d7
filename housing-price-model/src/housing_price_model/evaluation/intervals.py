"""Prediction intervals of evaluated sales, and what they are worth."""

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
    """The lower and the upper end of an interval for each sale, in US dollars."""

    lower: Vector
    upper: Vector


def interval_figures(actual: Vector, predicted: Vector, intervals: Mapping[float, Interval]) -> dict[str, float]:
    """The share of sales in their intervals, such as ``cv_coverage_90``, and ``cv_interval_width_90``: the mean width
    as a share of the price."""
    figures = {
        f"cv_coverage_{100 * coverage:.0f}": float(np.mean((interval.lower <= actual) & (actual <= interval.upper)))
        for coverage, interval in intervals.items()
    }
    widths = {
        f"cv_interval_width_{100 * coverage:.0f}": float(np.mean((interval.upper - interval.lower) / predicted))
        for coverage, interval in intervals.items()
    }
    return figures | widths
