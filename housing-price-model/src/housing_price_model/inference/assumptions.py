"""What a model assumed of a house where it was told nothing, as values of the rows' columns."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from .blocks import Vector
from .document import CodeFeature, Encoding, NumberFeature, OneHotFeature
from .encoder import locate_columns
from .rows import Cell, Row

NONE = "NA"
"""The code of a house that does not have the thing."""

FOLLOWS: Mapping[str, str] = {"GarageYrBlt": "GarageType"}
"""Columns that say nothing where the other one says none."""

THINGS: Mapping[str, tuple[str, str]] = {
    "PoolArea": ("PoolQC", NONE),
    "GarageArea": ("GarageType", NONE),
    "GarageCars": ("GarageType", NONE),
    "MiscVal": ("MiscFeature", NONE),
    "MasVnrArea": ("MasVnrType", "None"),
}
"""Sizes that are 0 where the code of the other column says that there is no such thing."""

type _Read = Callable[[Vector], Cell]


class Assumptions:
    """Reads assumed values off encoded rows without gaps. ``fills`` says whether the gaps were filled by the joint
    model; otherwise the encoder's values are what was assumed."""

    def __init__(self, encoding: Encoding, *, fills: bool) -> None:
        starts, _ = locate_columns(encoding.features)
        positions = {column.name: position for position, column in enumerate(encoding.columns)}
        self._numbers = frozenset(column.name for column in encoding.columns if column.type == "number")
        self._readers = [
            (positions[feature.column], feature.column, _make_reader(feature, start, fills=fills))
            for feature, start in zip(encoding.features, starts, strict=True)
        ]

    def of(self, row: Row, point: Vector) -> dict[str, Cell]:
        """Return the assumed value of each unknown column, by name.

        Args:
            row: with None where unknown.
            point: shape (d,), the same, encoded and filled.
        """
        values = {
            name: read(point) if row[position] is None else row[position] for position, name, read in self._readers
        }
        for size, (thing, none) in THINGS.items():
            if size in values and values.get(thing) == none:
                values[size] = 0.0
        return {
            name: float(values[name] or 0.0) if name in self._numbers else values[name]
            for position, name, _ in self._readers
            if row[position] is None and values.get(FOLLOWS.get(name, "")) != NONE
        }


def _make_reader(feature: NumberFeature | CodeFeature | OneHotFeature, start: int, *, fills: bool) -> _Read:
    if isinstance(feature, NumberFeature):
        return lambda point: _round_number(feature, float(point[start]))
    if isinstance(feature, CodeFeature):
        return lambda point: min(feature.places, key=lambda code: abs(feature.places[code] - point[start]))
    codes = list(feature.places)
    if not fills:
        usual = next((code for code in codes if feature.places[code] == feature.absent), None)
        return lambda _: usual
    places = [start + feature.places[code] for code in codes]
    return lambda point: _likeliest(codes, feature.reference, point[places])


def _round_number(feature: NumberFeature, value: float) -> float:
    lowest = -np.inf if feature.low is None else feature.low
    return float(round(max(value, lowest)))


def _likeliest(codes: Sequence[str], reference: str | None, shares: Vector) -> str:
    """Return the code with the largest share; that of the reference is what the others leave."""
    left = 1.0 - float(shares.sum())
    largest = int(shares.argmax())
    if reference is not None and left > shares[largest]:
        return reference
    return codes[largest]
