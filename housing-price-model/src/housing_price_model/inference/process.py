"""The mean of a Gaussian process: a linear part, and a Matérn 5/2 kernel against some representative sales.

C. E. Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", 2006, equations 2.25 and 4.17.
"""

from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .blocks import compute_in_blocks

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(12)
NODES, NODE_WEIGHTS = (_POINTS + 1.0) / 2.0, _WEIGHTS / 2.0
"""Gauss-Legendre nodes from 0 to 1. With this many, changes miss the price by a millionth at most."""

type Matrix = NDArray[np.float64]
type Vector = NDArray[np.float64]


class ProcessMean:
    """``offset + x·linear + Σ weights·k(x, sales)``, where k compares the columns in ``places`` after scaling.

    Args:
        offset: a number, as an array without dimensions.
        linear: shape (d,), for the matrix's d columns.
        places: shape (m,), the columns that the kernel compares.
        scales: shape (m,), what each is multiplied with: one over its length-scale.
        sales: shape (n, m), the representative sales' columns, scaled.
        weights: shape (n,), the kernel's variance among them.
    """

    def __init__(
        self,
        *,
        offset: NDArray[np.float64],
        linear: Vector,
        places: NDArray[np.int64],
        scales: Vector,
        sales: Matrix,
        weights: Vector,
    ) -> None:
        self._arrays = {
            "offset": offset,
            "linear": linear,
            "places": places,
            "scales": scales,
            "sales": sales,
            "weights": weights,
        }
        self.width = len(linear)
        self._offset, self._linear, self._weights = float(offset), linear, weights
        self._places, self._scales = places, scales * np.sqrt(5.0)
        self._cross = np.ascontiguousarray(sales.T * (-2.0 * np.sqrt(5.0)))
        self._squares = 5.0 * (sales * sales).sum(axis=1)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Load the process from a file of arrays, which can't contain code.

        Raises:
            OSError: if there is no such file.
            ValueError: if it contains anything but arrays of numbers.
            TypeError: if an array is missing or unknown.
        """
        with np.load(path, allow_pickle=False) as arrays:
            return cls(**{name: arrays[name] for name in arrays.files})

    def save(self, path: Path) -> None:
        """Write the process into a file of arrays."""
        np.savez_compressed(path, allow_pickle=False, **self._arrays)

    def predict(self, matrix: Matrix) -> Vector:
        """Return the process's mean for each row of a matrix of shape (rows, d)."""
        return compute_in_blocks(self._block, matrix)

    def changes(self, start: Vector, end: Vector) -> Vector:
        """Attribute the mean's change between two points to the columns, shape (d,): the integral of a column's slope
        along the straight line between them.

        Integrated gradients: M. Sundararajan, A. Taly, Q. Yan, "Axiomatic attribution for deep networks", ICML 2017.
        """
        way = end - start
        changes = way * self._linear
        np.add.at(changes, self._places, self._bent_changes(start, way))
        return changes

    def _bent_changes(self, start: Vector, way: Vector) -> Vector:
        scales, sales = self._arrays["scales"], self._arrays["sales"]
        compared, steps = start[self._places] * scales - sales, way[self._places] * scales
        squares = (compared * compared).sum(axis=1)
        along, length = compared @ steps, (steps * steps).sum()
        distances = np.sqrt(5.0 * np.maximum(squares + NODES[:, None] * (2.0 * along + NODES[:, None] * length), 0.0))
        slopes = self._weights * (distances + 1.0) * np.exp(-distances) * (NODE_WEIGHTS[:, None] * (-5.0 / 3.0))
        bent: Vector = steps * (slopes.sum(axis=0) @ compared) + steps * steps * (NODES @ slopes.sum(axis=1))
        return bent

    def distance_scales(self, price_weight: float) -> Vector:
        """Return the factor of each column, shape (d,), so that distances combine the kernel's length-scales and, with
        this weight, the linear part."""
        scales = np.zeros(self.width)
        scales[self._places] = self._arrays["scales"]
        return np.hypot(scales, price_weight * self._linear)

    def _block(self, rows: Matrix) -> Vector:
        compared = rows[:, self._places] * self._scales
        squares = compared @ self._cross
        squares += self._squares
        squares += (compared * compared).sum(axis=1)[:, None]
        np.maximum(squares, 0.0, out=squares)
        distances = np.sqrt(squares)
        squares /= 3.0
        squares += distances
        squares += 1.0
        squares *= np.exp(-distances)
        squares *= self._weights
        means: Vector = self._offset + (rows * self._linear).sum(axis=1) + squares.sum(axis=1)
        return means
