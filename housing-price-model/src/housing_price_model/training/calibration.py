"""Calibrates prediction intervals on out-of-fold residuals.

A residual is the error of a log price. Trees learn the size of residuals, from which a house's difficulty follows; a
score is the size of a residual divided by its house's difficulty.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from housing_price_model.evaluation.folds import Fold
from housing_price_model.evaluation.intervals import COVERAGES, Interval
from housing_price_model.inference import compute_difficulties, conformal_quantile

LARGEST_RESIDUAL = 0.4
"""Larger residuals are clipped: the few sales at a third of the usual price say nothing about similar houses."""

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
    """Trees that predict a house's residual, and the scores of the sales, ascending."""

    difficulty: Any
    scores: Vector


@dataclass(frozen=True)
class Calibrated:
    """The calibration of the model, and out-of-fold intervals of the sales."""

    calibration: Calibration
    intervals: Mapping[float, Interval]


def calibrate(matrix: Matrix, actual: Vector, predicted: Vector, folds: list[Fold]) -> Calibrated:
    """Calibrate on all sales. The intervals of a fold's sales are calibrated on the other folds.

    Args:
        matrix: shape (n, d), the encoded sales.
        actual: shape (n,), prices in US dollars.
        predicted: shape (n,), out-of-fold prices.
    """
    residuals = np.abs(np.log1p(actual) - np.log1p(predicted))
    difficulty = np.empty(len(residuals))
    for seen, unseen in folds:
        expected = _fit_difficulty(matrix[seen], residuals[seen]).predict(matrix[unseen])
        difficulty[unseen] = compute_difficulties(expected)
    scores = residuals / difficulty
    calibration = Calibration(_fit_difficulty(matrix, residuals), np.sort(scores))
    intervals = {coverage: _make_intervals(predicted, difficulty, scores, folds, coverage) for coverage in COVERAGES}
    return Calibrated(calibration, intervals)


def _fit_difficulty(matrix: Matrix, residuals: Vector) -> HistGradientBoostingRegressor:
    return HistGradientBoostingRegressor(**DIFFICULTY_PARAMETERS).fit(matrix, np.minimum(residuals, LARGEST_RESIDUAL))


def _make_intervals(
    predicted: Vector, difficulty: Vector, scores: Vector, folds: list[Fold], coverage: float
) -> Interval:
    factors = np.empty(len(predicted))
    for seen, unseen in folds:
        factors[unseen] = np.exp(difficulty[unseen] * conformal_quantile(np.sort(scores[seen]), coverage))
    return Interval((1 + predicted) / factors - 1, (1 + predicted) * factors - 1)
