"""Computes columns from other columns: weighted sums and their logarithms or roots."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .document import Formula

type Matrix = NDArray[np.float64]


class Formulas:
    """Computes formulas elementwise, so that a row's result does not depend on the other rows."""

    def __init__(self, formulas: Sequence[Formula]) -> None:
        most = max((len(formula.terms) for formula in formulas), default=0)
        padded = [(*formula.terms, *[(0, 0.0)] * (most - len(formula.terms))) for formula in formulas]
        self._places = [np.array([terms[depth][0] for terms in padded], dtype=np.intp) for depth in range(most)]
        self._weights = [np.array([terms[depth][1] for terms in padded]) for depth in range(most)]
        self._low = np.array([-np.inf if formula.low is None else formula.low for formula in formulas])
        self._logarithms = _places_of(formulas, "log1p")
        self._roots = _places_of(formulas, "sqrt")

    def compute(self, matrix: Matrix) -> Matrix:
        """Return the formulas' columns for a matrix of features."""
        amounts = np.zeros((len(matrix), len(self._low)))
        for places, weights in zip(self._places, self._weights, strict=True):
            amounts += matrix[:, places] * weights
        np.maximum(amounts, self._low, out=amounts)
        amounts[:, self._logarithms] = np.log1p(amounts[:, self._logarithms])
        amounts[:, self._roots] = np.sqrt(amounts[:, self._roots])
        return amounts


def _places_of(formulas: Sequence[Formula], function: str) -> NDArray[np.intp]:
    return np.flatnonzero(np.array([formula.function == function for formula in formulas], dtype=bool))
