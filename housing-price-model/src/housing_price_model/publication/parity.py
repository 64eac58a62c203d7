"""Checks that the compiled form gives the prices of the estimator that was evaluated, for every kind of row.

The encoded matrices are compared as well, because a rare code that no split uses shows only there.
"""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from house_record import Feature, Record, Value

from housing_price_model.data import Row
from housing_price_model.errors import ParityError

if TYPE_CHECKING:
    from housing_price_model.data import Sales
    from housing_price_model.inference import CompiledModel
    from housing_price_model.training.train import TrainedModel

LARGEST_RELATIVE_DIFFERENCE = 1e-6
PATTERNS = 3
"""Number of sales that are varied field by field."""

STRANGE_TEXTS = ("no such code", "", " ", "NA", "None", "nan", "absent", "12", "1e3", "-0.5", "true")
STRANGE_NUMBERS = (0.0, 1e-9, -1.0, 0.1, 2.0**24 + 1, 2.0**53, 1e12, -1e12, 1e30)

type Case = tuple[str, Row]


def check_parity(trained: "TrainedModel", compiled: "CompiledModel") -> None:
    """Return if the compiled model prices and encodes sales and variations of them like the estimator.

    Raises:
        ParityError: for the row whose prices differ most or are not finite, or for the first row that is encoded
        differently.
    """
    cases = list(list_cases(trained.sales))
    _check_prices(cases, trained, compiled)
    _check_matrices(cases, trained, compiled)


def _check_prices(cases: Sequence[Case], trained: "TrainedModel", compiled: "CompiledModel") -> None:
    rows = [row for _, row in cases]
    expected = np.asarray(trained.estimator.predict(rows), dtype=np.float64)
    found = np.asarray(compiled.price(compiled.types.check(rows)), dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = np.abs(found - expected) / np.abs(expected)
    difference[~(np.isfinite(found) & np.isfinite(expected))] = math.inf
    worst = int(np.argmax(difference))
    if not difference[worst] <= LARGEST_RELATIVE_DIFFERENCE:
        raise ParityError(
            f"the version is not registered: for {cases[worst][0]} its compiled form gives {found[worst]:.2f},"
            f" the pipeline {expected[worst]:.2f} (allowed is a relative difference of"
            f" {LARGEST_RELATIVE_DIFFERENCE:g}); this is a mistake in how the recipe is compiled"
        )


def _check_matrices(cases: Sequence[Case], trained: "TrainedModel", compiled: "CompiledModel") -> None:
    rows = [row for _, row in cases]
    encode = trained.recipe.compile(trained.estimator).encode
    expected = encode(rows)
    found = compiled.encode(compiled.types.check(rows))
    same = np.isclose(found, expected, rtol=LARGEST_RELATIVE_DIFFERENCE, atol=0.0, equal_nan=True)
    if not same.all():
        row, column = np.argwhere(~same)[0]
        raise ParityError(
            f"the version is not registered: for {cases[row][0]} its compiled form encodes"
            f" {found[row, column]:g} in column {column}, the pipeline {expected[row, column]:g};"
            " this is a mistake in how the recipe is compiled"
        )


def list_cases(sales: "Sales") -> Iterator[Case]:
    """Yield the rows to compare, each with a description: the sales, and some of them varied in each field."""
    rows = sales.rows
    for row, number in zip(rows, sales.ids, strict=True):
        yield f"sale {number}", row
    for index in np.linspace(0, len(rows) - 1, PATTERNS, dtype=int):
        yield from _variations(f"sale {sales.ids.iloc[index]}", sales.record, rows[index])


def _variations(name: str, record: Record, row: Row) -> Iterator[Case]:
    for place, feature in enumerate(record.features):
        for value in _strange_values(feature):
            yield f"{name} with {feature.column} = {value!r}", (*row[:place], value, *row[place + 1 :])
    for kind in ("number", "text"):
        nulled = _null_features(record, row, lambda feature, kind=kind: feature.kind == kind)
        yield f"{name} without any {kind}", nulled
    yield f"{name} without its optional fields", _null_features(record, row, lambda feature: not feature.required)
    yield f"{name} without anything", (None,) * len(row)


def _strange_values(feature: Feature) -> tuple[Value, ...]:
    if feature.kind == "number":
        return (None, *STRANGE_NUMBERS)
    return (None, *STRANGE_TEXTS, *map(str, feature.codes))


def _null_features(record: Record, row: Row, is_left_out: Any) -> Row:
    return tuple(None if is_left_out(feature) else value for feature, value in zip(record.features, row, strict=True))
