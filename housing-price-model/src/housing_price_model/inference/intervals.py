"""Prediction intervals: calibrated quantiles of errors, scaled by a house's difficulty.

Split conformal prediction with normalised residuals: J. Lei, M. G'Sell, A. Rinaldo, R. Tibshirani, L. Wasserman,
"Distribution-free predictive inference for regression", JASA 113, 2018, section 5.2. The scores are in bands by how
much is known of a house, as in Mondrian conformal prediction: V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning
in a Random World", 2005, section 4.5.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import document
from .appraisal import Appraisal
from .document import DifficultyOf
from .trees import Trees

SMALLEST_EXPECTED = 0.02
"""The smallest expected residual, as a difference of logarithms."""

type Vector = NDArray[np.float64]


class HalfWidths(NamedTuple):
    """How far intervals reach below and above the price, as differences of logarithms, shape (rows,) each."""

    below: Vector
    above: Vector


def conformal_quantile(scores: Vector, coverage: float) -> float:
    """Return the score that a new one does not exceed with at least this probability, or the largest if there are too
    few.

    Args:
        scores: those of the calibration, ascending, of shape (n,).
    """
    rank = math.ceil(coverage * (len(scores) + 1))
    return float(scores[min(rank, len(scores)) - 1])


def find_ends(scores: Vector, coverage: float) -> tuple[float, float]:
    """Return how many difficulties an interval reaches below and above the price. Either may be 0, not less.

    Args:
        scores: signed, ascending, of shape (n,).
    """
    tail = (1.0 + coverage) / 2.0
    below, above = conformal_quantile(-scores[::-1], tail), conformal_quantile(scores, tail)
    return max(below, 0.0), max(above, 0.0)


def compute_difficulties(sums: Vector, of: DifficultyOf = "residual") -> Vector:
    """Return how difficult houses are, from the trees' sums.

    Args:
        sums: shape (n,), what the trees add up to.
        of: what that is.
    """
    if of == "log_difficulty":
        return np.exp(sums)
    expected: Vector = np.maximum(sums, SMALLEST_EXPECTED)
    return np.sqrt(expected) if of == "expected_residual" else expected


class Bands:
    """Scores in bands, ascending by deviation."""

    def __init__(self, bands: Sequence[document.Band]) -> None:
        self._starts = np.array([band.least_deviation for band in bands])
        self._scores = [np.array(band.scores) for band in bands]

    def ends(self, deviations: Vector, coverage: float) -> tuple[Vector, Vector]:
        """Return how many difficulties the intervals of houses with these deviations reach below and above."""
        found = np.array([find_ends(scores, coverage) for scores in self._scores])
        places = np.maximum(np.searchsorted(self._starts, deviations, side="right") - 1, 0)
        return found[places, 0], found[places, 1]


class Intervals:
    """Applies a calibration. All of it is on the scale of log(1 + price)."""

    def __init__(self, description: document.Intervals, folder: Path) -> None:
        self._difficulty = Trees.load(folder / description.difficulty.file)
        self._of, self._marked_factor = description.difficulty_of, description.marked_factor
        self._scores, self._bands = np.array(description.scores), Bands(description.bands)
        self.width = self._difficulty.width

    def half_widths(self, appraisal: Appraisal, is_marked: NDArray[np.bool_], coverage: float) -> HalfWidths:
        """Return the half-widths of the rows' intervals of this coverage."""
        difficulties = compute_difficulties(self._difficulty.predict(appraisal.difficulty_matrix), self._of)
        if appraisal.deviations is None:
            width = difficulties * conformal_quantile(self._scores, coverage)
            return HalfWidths(width, width)
        difficulties *= np.where(is_marked, self._marked_factor, 1.0)
        below, above = self._bands.ends(appraisal.deviations, coverage)
        return HalfWidths(difficulties * below, difficulties * above)
