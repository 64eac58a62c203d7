"""Folds amounts of the matrix's columns back to the columns of the rows from which they were computed."""

import numpy as np
from numpy.typing import NDArray

from .document import Encoding, OneHotFeature
from .encoder import locate_columns

type Vector = NDArray[np.float64]


class Folding:
    """The inverse of an encoding."""

    def __init__(self, encoding: Encoding) -> None:
        positions = {column.name: position for position, column in enumerate(encoding.columns)}
        owners = [
            positions[feature.column]
            for feature in encoding.features
            for _ in range(feature.width if isinstance(feature, OneHotFeature) else 1)
        ]
        self._owners = np.array(owners, dtype=np.intp)
        _, self._features_width = locate_columns(encoding.features)
        most = max((len(formula.terms) for formula in encoding.formulas), default=0)
        terms = np.array([[*formula.terms, *[(0, 0.0)] * (most - len(formula.terms))] for formula in encoding.formulas])
        terms = terms.reshape(len(encoding.formulas), most, 2)
        self._places, self._weights = terms[..., 0].astype(np.intp), terms[..., 1]
        self._count = len(encoding.columns)

    def fold(self, amounts: Vector, moves: Vector) -> Vector:
        """Fold amounts of the matrix's columns, shape (d,), to amounts of the rows' columns, with the same sum.

        A formula's amount goes to the terms that moved its weighted sum in its direction.

        Args:
            moves: shape (d,), how far the matrix's columns moved.
        """
        own, formulas = amounts[: self._features_width], amounts[self._features_width :]
        shares = formulas[:, None] * self._shares(moves)
        passed = np.bincount(self._places.ravel(), weights=shares.ravel(), minlength=self._features_width)
        return np.bincount(self._owners, weights=own + passed, minlength=self._count)

    def _shares(self, moves: Vector) -> NDArray[np.float64]:
        """Return the terms' shares of each formula: non-negative, with sum 1, and equal if nothing moved."""
        moved = self._weights * moves[self._places]
        helped = np.maximum(moved * np.sign(moved.sum(axis=1, keepdims=True)), 0.0)
        helped = np.where(helped.sum(axis=1, keepdims=True) > 0, helped, self._weights != 0)
        shares: NDArray[np.float64] = helped / helped.sum(axis=1, keepdims=True)
        return shares
