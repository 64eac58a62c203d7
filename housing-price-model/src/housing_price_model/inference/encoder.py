"""Encodes checked rows as a matrix: one pass over the cells, and numpy for the rest."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, cycle
from operator import getitem, itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .document import CodeFeature, Column, Encoding, Feature, NumberFeature, OneHotFeature
from .formulas import Formulas, Matrix
from .rows import Row

type _Cells = Callable[[Row], tuple[Any, ...]]

NAN = float("nan")
NO_PLACE = -1.0
"""The place of a code for which all columns of its feature are 0."""


class Encoder:
    """Applies an encoding."""

    def __init__(self, encoding: Encoding) -> None:
        self._columns = {column.name: (position, column) for position, column in enumerate(encoding.columns)}
        starts, self._features_width = locate_columns(encoding.features)
        numbers = [feature for feature in encoding.features if isinstance(feature, NumberFeature)]
        levels = [feature for feature in encoding.features if isinstance(feature, CodeFeature)]
        one_hots = [feature for feature in encoding.features if isinstance(feature, OneHotFeature)]
        place = {id(feature): start for feature, start in zip(encoding.features, starts, strict=True)}
        self._numbers_of, self._codes_of = self._make_getter(numbers), self._make_getter([*levels, *one_hots])
        self._number_places = np.array([place[id(feature)] for feature in numbers], dtype=np.intp)
        self._level_places = np.array([place[id(feature)] for feature in levels], dtype=np.intp)
        self._lookups = [
            *map(_make_level_lookup, levels),
            *(
                _make_place_lookup(feature, self._columns[feature.column][1], place[id(feature)])
                for feature in one_hots
            ),
        ]
        self._absent = np.array([_or_nan(number.absent) for number in numbers])
        self._low = np.array([-np.inf if number.low is None else number.low for number in numbers])
        self._high = np.array([np.inf if number.high is None else number.high for number in numbers])
        self._rounded = encoding.precision == "float32"
        self._owners = _find_owners(encoding, self._columns)
        self._formulas = Formulas(encoding.formulas) if encoding.formulas else None
        self.width = self._features_width + len(encoding.formulas)

    def encode(self, rows: Sequence[Row]) -> Matrix:
        """Return the matrix of checked rows: float64, one row each, C order, NaN where a value is missing."""
        matrix = np.zeros((len(rows), self.width))
        if self._numbers_of is not None:
            matrix[:, self._number_places] = self._read_numbers(self._numbers_of, rows)
        if self._codes_of is not None:
            self._set_codes(self._codes_of, rows, matrix)
        if self._formulas is not None:
            matrix[:, self._features_width :] = self._formulas.compute(matrix)
        return self._round(matrix) if self._rounded else matrix

    def known(self, rows: Sequence[Row]) -> NDArray[np.bool_] | None:
        """Return which columns of the matrix are made of known cells alone, shape (rows, d), or None if all are."""
        if not any(None in row for row in rows):
            return None
        cells = np.array([[cell is not None for cell in row] + [True] for row in rows])
        is_known: NDArray[np.bool_] = cells[:, self._owners].all(axis=2)
        return None if is_known.all() else is_known

    def _make_getter(self, features: Sequence[Feature]) -> _Cells | None:
        """Return a function that returns the features' cells of a row."""
        positions = [self._columns[feature.column][0] for feature in features]
        if len(positions) == 1:
            return lambda row: (row[positions[0]],)
        return itemgetter(*positions) if positions else None

    def _read_numbers(self, numbers_of: _Cells, rows: Sequence[Row]) -> Matrix:
        # numpy turns None into NaN.
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
        # Numbers beyond the range of float32 are beyond every split as well.
        with np.errstate(over="ignore"):
            return matrix.astype(np.float32).astype(np.float64)


def _find_owners(encoding: Encoding, columns: Mapping[str, tuple[int, Column]]) -> NDArray[np.intp]:
    """Return the places in a row that each column of the matrix is made of, shape (d, m), padded with the place behind
    the row."""
    of_features = [
        [columns[feature.column][0]]
        for feature in encoding.features
        for _ in range(feature.width if isinstance(feature, OneHotFeature) else 1)
    ]
    of_formulas = [[of_features[place][0] for place, _ in formula.terms] for formula in encoding.formulas]
    most = max(map(len, (*of_features, *of_formulas)), default=1)
    padding = len(encoding.columns)
    return np.array([[*own, *[padding] * (most - len(own))] for own in (*of_features, *of_formulas)], dtype=np.intp)


def locate_columns(features: Sequence[Feature]) -> tuple[list[int], int]:
    """Return where each feature begins in the matrix, and the total width."""
    places, width = [], 0
    for feature in features:
        places.append(width)
        width += feature.width if isinstance(feature, OneHotFeature) else 1
    return places, width


class _Lookup(dict[Any, float]):
    """The place of each code, and of unknown codes."""

    def __init__(self, found: Mapping[Any, float], unknown: float) -> None:
        super().__init__(found)
        self._unknown = unknown

    def __missing__(self, code: Any) -> float:
        return self._unknown


def _make_level_lookup(feature: CodeFeature) -> _Lookup:
    return _Lookup({None: _or_nan(feature.absent), **feature.places}, _or_nan(feature.unknown))


def _make_place_lookup(feature: OneHotFeature, column: Column, start: int) -> _Lookup:
    """A code's column in the matrix."""
    spelling = float if column.type == "number" else str
    places: dict[Any, float] = {spelling(code): start + place for code, place in feature.places.items()}
    places[None] = NO_PLACE if feature.absent is None else start + feature.absent
    return _Lookup(places, NO_PLACE)


def _or_nan(value: float | None) -> float:
    return NAN if value is None else value
