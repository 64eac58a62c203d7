"""Calibrating prediction intervals on out-of-fold residuals, and what the intervals are worth.

A residual is that of the logarithm of a price. How difficult a house is, is learnt from the size of the residuals of
others; a score is a residual's size in units of its house's difficulty.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from housing_price_model.evaluation.folds import Fold
from housing_price_model.evaluation.intervals import COVERAGES, Interval
from housing_price_model.inference import conformal_quantile, difficulties

LARGEST_RESIDUAL = 0.4
"""A larger one counts as this: the few sales at a third of what such houses cost say nothing of houses like them."""

DIFFICULTY_PARAMETERS = {
    "max_iter": 120,
    "learning_rate": 0.07,
    "max_leaf_nodes": 4,
    "min_samples_leaf": 25,
    "max_features": 0.05,
    "early_stopping": False,
    "random_state": 42,
}

type Vector = NDArray[np.float64]
type Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """Trees that give a house's expected residual, and the scores of the sales, ascending."""

    difficulty: Any
    scores: Vector


@dataclass(frozen=True)
class Calibrated:
    """A calibration for houses to come, and the intervals that others like it gave to the sales themselves."""

    calibration: Calibration
    intervals: Mapping[float, Interval]


def calibrate(matrix: Matrix, actual: Vector, predicted: Vector, folds: list[Fold]) -> Calibrated:
    """Calibrate on all sales; the intervals of each fold's sales are from what the other folds' sales say.

    Args:
        matrix: shape (n, d), the encoded sales.
        actual: shape (n,), prices in US dollars.
        predicted: shape (n,), each by the fold that had not seen the sale.
    """
    residuals = np.abs(np.log1p(actual) - np.log1p(predicted))
    difficulty = np.empty(len(residuals))
    for seen, unseen in folds:
        expected = _expected(matrix[seen], residuals[seen]).predict(matrix[unseen])
        difficulty[unseen] = difficulties(expected)
    scores = residuals / difficulty
    calibration = Calibration(_expected(matrix, residuals), np.sort(scores))
    intervals = {coverage: _intervals(predicted, difficulty, scores, folds, coverage) for coverage in COVERAGES}
    return Calibrated(calibration, intervals)


def _expected(matrix: Matrix, residuals: Vector) -> HistGradientBoostingRegressor:
    return HistGradientBoostingRegressor(**DIFFICULTY_PARAMETERS).fit(matrix, np.minimum(residuals, LARGEST_RESIDUAL))


def _intervals(predicted: Vector, difficulty: Vector, scores: Vector, folds: list[Fold], coverage: float) -> Interval:
    factors = np.empty(len(predicted))
    for seen, unseen in folds:
        factors[unseen] = np.exp(difficulty[unseen] * conformal_quantile(np.sort(scores[seen]), coverage))
    return Interval((1 + predicted) / factors - 1, (1 + predicted) * factors - 1)
