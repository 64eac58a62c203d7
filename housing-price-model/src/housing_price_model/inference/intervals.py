"""Prediction intervals: how far off prices were when the model was calibrated, scaled by how difficult a house is.

Split conformal prediction with normalised residuals: J. Lei, M. G'Sell, A. Rinaldo, R. Tibshirani, L. Wasserman,
"Distribution-free predictive inference for regression", JASA 113, 2018, section 5.2.
"""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import document
from .document import DifficultyOf
from .trees import Trees

SMALLEST_EXPECTED = 0.02
"""A house's price is never expected to be nearer than so, as a difference of logarithms."""

type Vector = NDArray[np.float64]


def conformal_quantile(scores: Vector, coverage: float) -> float:
    """The score that a new one stays below with at least this probability; the largest where there are too few.

    Args:
        scores: those of the calibration, ascending, of shape (n,).
    """
    rank = math.ceil(coverage * (len(scores) + 1))
    return float(scores[min(rank, len(scores)) - 1])


def difficulties(sums: Vector, of: DifficultyOf = "expected_residual") -> Vector:
    """How difficult houses are, from what the trees say of them.

    The root of the expected residual, not the residual: how hard a house is can hardly be known from some hundred
    large residuals, and what is taken at its word makes intervals wider, not better.

    Args:
        sums: shape (n,), what the trees add up to.
        of: what that is.
    """
    if of == "log_difficulty":
        return np.exp(sums)
    return np.sqrt(np.maximum(sums, SMALLEST_EXPECTED))


class Intervals:
    """A calibration, ready to be used. All of it is on the scale of log(1 + price)."""

    def __init__(self, description: document.Intervals, folder: Path) -> None:
        self._difficulty = Trees(folder / description.difficulty.file)
        self._of = description.difficulty_of
        self._scores = np.array(description.scores)
        self.width = self._difficulty.width

    def half_widths(self, matrix: NDArray[np.float64], coverage: float) -> Vector:
        """How far an interval of this coverage reaches to either side of each row's log price."""
        return difficulties(self._difficulty.predict(matrix), self._of) * conformal_quantile(self._scores, coverage)
