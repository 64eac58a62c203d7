"""Prediction intervals: calibrated quantiles of errors, scaled by a house's difficulty.

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
"""The smallest expected residual, as a difference of logarithms."""

type Vector = NDArray[np.float64]


def conformal_quantile(scores: Vector, coverage: float) -> float:
    """Return the score that a new one does not exceed with at least this probability, or the largest if there are too
    few.

    Args:
        scores: those of the calibration, ascending, of shape (n,).
    """
    rank = math.ceil(coverage * (len(scores) + 1))
    return float(scores[min(rank, len(scores)) - 1])


def compute_difficulties(sums: Vector, of: DifficultyOf = "expected_residual") -> Vector:
    """Return how difficult houses are, from the trees' sums.

    Uses the root of the expected residual: some hundred large residuals say little about a house, and taking the
    prediction literally makes intervals wider, not better.

    Args:
        sums: shape (n,), what the trees add up to.
        of: what that is.
    """
    if of == "log_difficulty":
        return np.exp(sums)
    return np.sqrt(np.maximum(sums, SMALLEST_EXPECTED))


class Intervals:
    """Applies a calibration. All of it is on the scale of log(1 + price)."""

    def __init__(self, description: document.Intervals, folder: Path) -> None:
        self._difficulty = Trees(folder / description.difficulty.file)
        self._of = description.difficulty_of
        self._scores = np.array(description.scores)
        self.width = self._difficulty.width

    def half_widths(self, matrix: NDArray[np.float64], coverage: float) -> Vector:
        """Return the half-width of each row's interval of this coverage, on the log scale."""
        return compute_difficulties(self._difficulty.predict(matrix), self._of) * conformal_quantile(
            self._scores, coverage
        )
