"""Prices and intervals of sales of which only the required fields are known, and marks: what they are worth."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from housing_price_model.evaluation.intervals import Interval, measure_intervals
from housing_price_model.evaluation.metrics import measure

type Vector = NDArray[np.float64]


@dataclass(frozen=True)
class FewFields:
    """Out-of-fold prices in US dollars and intervals, by coverage."""

    predicted: Vector
    intervals: Mapping[float, Interval]

    def figures(self, actual: Vector) -> dict[str, float]:
        """Return the error, the bias and the intervals' figures, as ``cv_required_*``."""
        held = measure_intervals(actual, self.predicted, self.intervals)
        return {
            "cv_required_rmsle": measure(actual, self.predicted).rmsle,
            "cv_required_bias": float(np.expm1(np.mean(np.log(self.predicted / actual)))),
            **{name.replace("cv_", "cv_required_", 1): value for name, value in held.items()},
        }


def measure_marks(actual: Vector, predicted: Vector, marked: NDArray[np.bool_]) -> dict[str, float]:
    """Return the share of marked sales, and the mean size of their log errors as a multiple of that of the others.

    The ratio is left out if all or no sales are marked.
    """
    share = {"cv_marked_share": float(marked.mean())}
    if marked.all() or not marked.any():
        return share
    sizes = np.abs(np.log(predicted / actual))
    return share | {"cv_marked_error_ratio": float(sizes[marked].mean() / sizes[~marked].mean())}
