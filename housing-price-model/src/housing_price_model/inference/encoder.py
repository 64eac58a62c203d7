"""From checked rows to the matrix that the regressor takes: one pass over the cells, the rest is numpy's."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, cycle
from operator import getitem, itemgetter
from typing import Any

import numpy as np

from .document import CodeFeature, Column, Encoding, Feature, NumberFeature, OneHotFeature
from .formulas import Formulas, Matrix
from .rows import Row

type _Cells = Callable[[Row], tuple[Any, ...]]

NAN = float("nan")
NO_PLACE = -1.0
"""The place of a code that leaves all columns of its feature 0."""


class Encoder:
    """An encoding, ready to be applied."""

    def __init__(self, encoding: Encoding) -> None:
        self._columns = {column.name: (position, column) for position, column in enumerate(encoding.columns)}
        starts, self._features_width = column_places(encoding.features)
        numbers = [feature for feature in encoding.features if isinstance(feature, NumberFeature)]
        levels = [feature for feature in encoding.features if isinstance(feature, CodeFeature)]
        one_hots = [feature for feature in encoding.features if isinstance(feature, OneHotFeature)]
        place = {id(feature): start for feature, start in zip(encoding.features, starts, strict=True)}
        self._numbers_of, self._codes_of = self._cells_of(numbers), self._cells_of([*levels, *one_hots])
        self._number_places = np.array([place[id(feature)] for feature in numbers], dtype=np.intp)
        self._level_places = np.array([place[id(feature)] for feature in levels], dtype=np.intp)
        self._lookups = [
            *map(_levels, levels),
            *(_places(feature, self._columns[feature.column][1], place[id(feature)]) for feature in one_hots),
        ]
        self._absent = np.array([_or_nan(number.absent) for number in numbers])
        self._low = np.array([-np.inf if number.low is None else number.low for number in numbers])
        self._high = np.array([np.inf if number.high is None else number.high for number in numbers])
        self._rounded = encoding.precision == "float32"
        self._formulas = Formulas(encoding.formulas) if encoding.formulas else None
        self.width = self._features_width + len(encoding.formulas)

    def encode(self, rows: Sequence[Row]) -> Matrix:
        """The matrix of some checked rows: float64, a row each, C order; NaN where nothing is known."""
        matrix = np.zeros((len(rows), self.width))
        if self._numbers_of is not None:
            matrix[:, self._number_places] = self._numbers(self._numbers_of, rows)
        if self._codes_of is not None:
            self._set_codes(self._codes_of, rows, matrix)
        if self._formulas is not None:
            matrix[:, self._features_width :] = self._formulas.compute(matrix)
        return self._round(matrix) if self._rounded else matrix

    def _cells_of(self, features: Sequence[Feature]) -> _Cells | None:
        """What takes the features' cells out of a row, as a tuple."""
        positions = [self._columns[feature.column][0] for feature in features]
        if len(positions) == 1:
            return lambda row: (row[positions[0]],)
        return itemgetter(*positions) if positions else None

    def _numbers(self, numbers_of: _Cells, rows: Sequence[Row]) -> Matrix:
        # An absent number is NaN here.
        cells = chain.from_iterable(map(numbers_of, rows))
        numbers = np.fromiter(cells, dtype=np.float64).reshape(len(rows), len(self._number_places))
        np.copyto(numbers, self._absent, where=np.isnan(numbers))
        return np.clip(numbers, self._low, self._high, out=numbers)

    def _set_codes(self, codes_of: _Cells, rows: Sequence[Row], matrix: Matrix) -> None:
        found = map(getitem, cycle(self._lookups), chain.from_iterable(map(codes_of, rows)))
        codes = np.fromiter(found, dtype=np.float64).reshape(len(rows), len(self._lookups))
        levels = len(self._level_places)
        matrix[:, self._level_places] = codes[:, :levels]
        places = codes[:, levels:].astype(np.intp)
        of_row = np.broadcast_to(np.arange(len(rows))[:, None], places.shape)
        has_place = places >= 0
        matrix[of_row[has_place], places[has_place]] = 1.0

    def _round(self, matrix: Matrix) -> Matrix:
        # What is beyond the range of float32 lies beyond every split as well.
        with np.errstate(over="ignore"):
            return matrix.astype(np.float32).astype(np.float64)


def column_places(features: Sequence[Feature]) -> tuple[list[int], int]:
    """Where each feature begins in the matrix, and how wide all of them are."""
    places, width = [], 0
    for feature in features:
        places.append(width)
        width += feature.width if isinstance(feature, OneHotFeature) else 1
    return places, width


class _Lookup(dict[Any, float]):
    """What is found for each code, and for any other."""

    def __init__(self, found: Mapping[Any, float], unknown: float) -> None:
        super().__init__(found)
        self._unknown = unknown

    def __missing__(self, code: Any) -> float:
        return self._unknown


def _levels(feature: CodeFeature) -> _Lookup:
    return _Lookup({None: _or_nan(feature.absent), **feature.places}, _or_nan(feature.unknown))


def _places(feature: OneHotFeature, column: Column, start: int) -> _Lookup:
    """A code's column in the matrix."""
    spelling = float if column.type == "number" else str
    places: dict[Any, float] = {spelling(code): start + place for code, place in feature.places.items()}
    places[None] = NO_PLACE if feature.absent is None else start + feature.absent
    return _Lookup(places, NO_PLACE)


def _or_nan(value: float | None) -> float:
    return NAN if value is None else value
