"""Comparable sales: the nearest ones in the model's own distance, which weights what moves its prices."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .blocks import Matrix, Vector
from .document import KnownSales
from .folding import Folding
from .living_area import LivingArea
from .process import ProcessMean
from .rows import Row

PRICE_WEIGHT = 20.0
"""A twentieth of the price in the linear part counts as one length-scale of the kernel. With this weight, the three
nearest sales are closest to a sale's price; ``docs/explanations.md`` has the figures."""

MOST_DIFFERENCES = 8

KEY_COLUMNS = (
    *("GrLivArea", "YearBuilt", "Neighborhood", "BldgType", "OverallQual"),
    *("SaleCondition", "MoSold", "YrSold"),
)
"""What people want to know of a sale first, whether it differs or not."""


class Comparables:
    """An index of sales.

    Args:
        sales: the sales.
        columns: names of a row's values.
        folding: folds columns of the matrix to those of rows.
        area: keeps living areas apart that are beyond the limits of the encoding.
        matrix: shape (n, d), the encoded sales.
        scales: shape (d,), the factors of the distance.
    """

    def __init__(
        self,
        sales: KnownSales,
        columns: Sequence[str],
        folding: Folding,
        area: LivingArea,
        matrix: Matrix,
        scales: Vector,
    ) -> None:
        self._sales, self._columns, self._folding, self._area = sales, columns, folding, area
        self._key_places = [columns.index(name) for name in KEY_COLUMNS if name in columns]
        self._ids = np.array(sales.ids)
        self._scales, self._low, self._high = scales, matrix.min(axis=0), matrix.max(axis=0)
        # Halves the memory; distances differ in the seventh digit.
        self._points = (area.restore(sales.rows, matrix) * scales).astype(np.float32)

    @property
    def reach(self) -> float | None:
        """The distance beyond which a sale says no more about a price than the neighbourhood does, if it is known."""
        return self._sales.reach

    def nearest(self, row: Row, point: Vector, count: int) -> list[dict[str, Any]]:
        """Return the nearest sales, nearest first, and the lower id first among equals.

        Args:
            row: the house.
            point: shape (d,), the same, encoded.
        """
        (house,) = self._area.restore([row], point.clip(self._low, self._high)[None, :])
        steps = self._points - (house * self._scales).astype(np.float32)
        distances = np.sqrt(np.einsum("ij,ij->i", steps, steps))
        order = np.lexsort((self._ids, distances))[:count]
        return [
            {
                "id": self._sales.ids[place],
                "price": self._sales.prices[place],
                "distance": float(distances[place]),
                "sale": {self._columns[key]: self._sales.rows[place][key] for key in self._key_places},
                "differences": self._differences(row, self._sales.rows[place], steps[place].astype(np.float64)),
            }
            for place in order
        ]

    def _differences(self, row: Row, sale: Row, steps: Vector) -> dict[str, Any]:
        """Return the sale's differing values, the most important first."""
        influence = self._folding.fold(
            steps * steps, np.divide(steps, self._scales, where=self._scales > 0, out=np.zeros_like(steps))
        )
        differing = [place for place in np.argsort(-influence, kind="stable") if row[place] not in (None, sale[place])]
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
