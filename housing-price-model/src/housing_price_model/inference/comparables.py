"""Comparable sales: the nearest ones in the model's own distance, which weights what moves its prices."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .blocks import Matrix, Vector
from .document import KnownSales
from .folding import Folding
from .process import ProcessMean
from .rows import Row

PRICE_WEIGHT = 20.0
"""A twentieth of the price in the linear part counts as one length-scale of the kernel. With this weight, the three
nearest sales are closest to a sale's price; ``docs/explanations.md`` has the figures."""

MOST_DIFFERENCES = 8


class Comparables:
    """An index of sales."""

    def __init__(
        self, sales: KnownSales, columns: Sequence[str], folding: Folding, matrix: Matrix, scales: Vector
    ) -> None:
        self._sales, self._columns, self._folding = sales, columns, folding
        self._ids = np.array(sales.ids)
        self._scales, self._low, self._high = scales, matrix.min(axis=0), matrix.max(axis=0)
        # Halves the memory; distances differ in the seventh digit.
        self._points = (matrix * scales).astype(np.float32)

    def nearest(self, row: Row, point: Vector, count: int) -> list[dict[str, Any]]:
        """Return the nearest sales, nearest first, and the lower id first among equals.

        Args:
            row: the house.
            point: shape (d,), the same, encoded.
        """
        steps = self._points - (point.clip(self._low, self._high) * self._scales).astype(np.float32)
        distances = np.sqrt(np.einsum("ij,ij->i", steps, steps))
        order = np.lexsort((self._ids, distances))[:count]
        return [
            {
                "id": self._sales.ids[place],
                "price": self._sales.prices[place],
                "distance": float(distances[place]),
                "differences": self._differences(row, self._sales.rows[place], steps[place].astype(np.float64)),
            }
            for place in order
        ]

    def _differences(self, row: Row, sale: Row, steps: Vector) -> dict[str, Any]:
        """Return the sale's differing values, the most important first."""
        influence = self._folding.fold(
            steps * steps, np.divide(steps, self._scales, where=self._scales > 0, out=np.zeros_like(steps))
        )
        differing = [place for place in np.argsort(-influence, kind="stable") if row[place] != sale[place]]
        return {self._columns[place]: sale[place] for place in differing[:MOST_DIFFERENCES]}


def compute_column_scales(process: ProcessMean | None, matrix: Matrix, prices: Vector) -> Vector:
    """Return the factors of the matrix's columns, shape (d,). Without a process they are the correlations with the
    sales' log prices, per standard deviation."""
    if process:
        return process.distance_scales(PRICE_WEIGHT)
    logarithms = np.log1p(prices)
    moves, spread = matrix - matrix.mean(axis=0), matrix.std(axis=0)
    spread[spread == 0] = np.inf
    scales: Vector = np.abs(((logarithms - logarithms.mean())[:, None] * moves).mean(axis=0)) / spread**2
    return scales / max(float(logarithms.std()), np.finfo(float).tiny)
