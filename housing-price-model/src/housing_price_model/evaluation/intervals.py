"""Prediction intervals of evaluated sales, their coverage and width."""

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


def measure_intervals(actual: Vector, predicted: Vector, intervals: Mapping[float, Interval]) -> dict[str, float]:
    """Return the observed coverage, such as ``cv_coverage_90``, and the mean width as a share of the price, such as
    ``cv_interval_width_90``."""
    figures = {
        f"cv_coverage_{100 * coverage:.0f}": float(np.mean((interval.lower <= actual) & (actual <= interval.upper)))
        for coverage, interval in intervals.items()
    }
    widths = {
        f"cv_interval_width_{100 * coverage:.0f}": float(np.mean((interval.upper - interval.lower) / predicted))
        for coverage, interval in intervals.items()
    }
    return figures | widths
