"""From checked rows to the matrix that the regressor takes: one pass over the cells, the rest is numpy's."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .document import Encoding, Feature, NumberFeature, OneHotFeature
from .rows import Row

type Matrix = NDArray[np.float64]
type _Find = Callable[[Any, float], float]

NAN = float("nan")


class Encoder:
    """An encoding, ready to be applied."""

    def __init__(self, encoding: Encoding) -> None:
        positions = {column.name: position for position, column in enumerate(encoding.columns)}
        places, self.width = _places(encoding.features)
        self._cells = [
            (positions[feature.column], *_lookup(feature, place, self.width))
            for feature, place in zip(encoding.features, places, strict=True)
        ]
        one_hot = np.array([isinstance(feature, OneHotFeature) for feature in encoding.features], dtype=bool)
        self._one_hot, self._others = np.flatnonzero(one_hot), np.flatnonzero(~one_hot)
        self._other_places = np.array(places, dtype=np.intp)[self._others]
        self._absent_numbers = np.array([_absent_number(feature) for feature in encoding.features])
        self._rounded = encoding.precision == "float32"

    def encode(self, rows: Sequence[Row]) -> Matrix:
        """The matrix of some checked rows: float64, a row each, C order; NaN where nothing is known."""
        cells = [
            row[position] if find is None else find(row[position], unknown)
            for row in rows
            for position, find, unknown in self._cells
        ]
        dense = np.array(cells, dtype=np.float64).reshape(len(rows), len(self._cells))
        np.copyto(dense, self._absent_numbers, where=np.isnan(dense))
        matrix = self._spread(dense) if len(self._one_hot) else dense
        return self._round(matrix) if self._rounded else matrix

    def _spread(self, dense: Matrix) -> Matrix:
        """One-hot places become columns; the last column of all takes the codes that have no place."""
        matrix = np.zeros((len(dense), self.width + 1))
        matrix[:, self._other_places] = dense[:, self._others]
        matrix[np.arange(len(dense))[:, None], dense[:, self._one_hot].astype(np.intp)] = 1.0
        return np.ascontiguousarray(matrix[:, :-1])

    def _round(self, matrix: Matrix) -> Matrix:
        # What is beyond the range of float32 lies beyond every split as well.
        with np.errstate(over="ignore"):
            return matrix.astype(np.float32).astype(np.float64)


def _places(features: Sequence[Feature]) -> tuple[list[int], int]:
    """Where each feature begins in the matrix, and how wide that is."""
    places, width = [], 0
    for feature in features:
        places.append(width)
        width += feature.width if isinstance(feature, OneHotFeature) else 1
    return places, width


def _lookup(feature: Feature, place: int, width: int) -> tuple[_Find | None, float]:
    """How a cell's value is found, and what is found for an unknown code; a number is its own value."""
    if isinstance(feature, NumberFeature):
        return None, NAN
    if isinstance(feature, OneHotFeature):
        found: dict[str | None, float] = {code: place + offset for code, offset in feature.places.items()}
        found[None] = width if feature.absent is None else place + feature.absent
        return found.get, width
    places: dict[str | None, float] = {None: _or_nan(feature.absent)}
    return (places | feature.places).get, _or_nan(feature.unknown)


def _absent_number(feature: Feature) -> float:
    return _or_nan(feature.absent) if isinstance(feature, NumberFeature) else NAN


def _or_nan(value: float | None) -> float:
    return NAN if value is None else value
