"""Puts living areas back into encoded rows where the encoding clips them, so that no mansion is near a usual house."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .blocks import Matrix
from .document import Encoding
from .encoder import locate_columns
from .formulas import Formulas

AREA = "GrLivArea"
LARGEST_SQUARE_FEET = 1e9


class LivingArea:
    """The places of the living area in rows and in the matrix of an encoding."""

    def __init__(self, encoding: Encoding) -> None:
        names = [column.name for column in encoding.columns]
        self._in_rows = names.index(AREA) if AREA in names else None
        starts, self._features_width = locate_columns(encoding.features)
        self._in_matrix = [
            start for feature, start in zip(encoding.features, starts, strict=True) if feature.column == AREA
        ]
        self._formulas = Formulas(encoding.formulas) if encoding.formulas else None

    def restore(self, rows: Sequence[Sequence[Any]], matrix: Matrix) -> Matrix:
        """Return the matrix with the rows' own living areas, where they are known."""
        if self._in_rows is None:
            return matrix
        areas = np.array([row[self._in_rows] for row in rows], dtype=np.float64)
        restored = matrix.copy()
        for place in self._in_matrix:
            restored[:, place] = np.where(np.isnan(areas), matrix[:, place], areas.clip(0.0, LARGEST_SQUARE_FEET))
        if self._formulas:
            restored[:, self._features_width :] = self._formulas.compute(restored)
        return restored
