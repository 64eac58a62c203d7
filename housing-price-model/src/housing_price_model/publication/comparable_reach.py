"""Finds how far a comparable sale may be away before it says nothing about a price.

For each sale, all others that are nearer than a distance are taken away, as if it stood that far from anything known.
The farther away the nearest of the rest are, the worse their mean price predicts the sale's. The reach is the distance
at which it predicts no better than the mean price of the other sales in the neighbourhood.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NEAREST = 3
"""How many of the nearest sales are averaged."""

STEPS = 200
MOST_ASKED = 1000
"""Sales that are predicted, evenly chosen, so that the time does not grow with the square of their number."""

type Vector = NDArray[np.float64]
type Matrix = NDArray[np.float64]


def find_reach(points: Matrix, prices: Vector, neighbourhoods: Sequence[object]) -> float | None:
    """Return the reach, or None if the nearest sales predict better at any distance, or if there are too few sales.

    Args:
        points: shape (n, d), the sales where their distance counts.
        prices: shape (n,), in US dollars.
        neighbourhoods: the sales' neighbourhoods.
    """
    count = len(points)
    if count <= NEAREST + 1:
        return None
    logarithms = np.log1p(prices)
    asked = np.linspace(0, count - 1, min(count, MOST_ASKED), dtype=np.intp)
    distances = _distances(points, asked)
    order = np.argsort(distances, axis=1)[:, :-1]
    distances = np.take_along_axis(distances, order, axis=1)
    rolling = np.lib.stride_tricks.sliding_window_view(logarithms[order], NEAREST, axis=1).mean(axis=2)
    usual = _error(_means_of_others(logarithms, neighbourhoods)[asked], logarithms[asked])
    for distance in np.linspace(0.0, float(np.median(distances)), STEPS):
        nearer = np.minimum((distances < distance).sum(axis=1), rolling.shape[1] - 1)
        if _error(rolling[np.arange(len(asked)), nearer], logarithms[asked]) >= usual:
            return float(distance)
    return None


def _distances(points: Matrix, asked: NDArray[np.intp]) -> Matrix:
    """Return the distances from some sales to all, shape (asked, n); infinite to itself."""
    squares = (points * points).sum(axis=1)
    found = np.sqrt(np.maximum(squares[asked, None] + squares - 2.0 * points[asked] @ points.T, 0.0))
    found[np.arange(len(asked)), asked] = np.inf
    return found


def _means_of_others(logarithms: Vector, neighbourhoods: Sequence[object]) -> Vector:
    """Return the mean of the other sales in each sale's neighbourhood, or of all others where there are none."""
    codes = np.unique([str(name) for name in neighbourhoods], return_inverse=True)[1]
    sizes, sums = np.bincount(codes)[codes], np.bincount(codes, weights=logarithms)[codes]
    alone = sizes == 1
    sizes, sums = np.where(alone, len(logarithms), sizes), np.where(alone, logarithms.sum(), sums)
    means: Vector = (sums - logarithms) / (sizes - 1)
    return means


def _error(predicted: Vector, actual: Vector) -> float:
    return float(np.sqrt(np.mean((predicted - actual) ** 2)))
