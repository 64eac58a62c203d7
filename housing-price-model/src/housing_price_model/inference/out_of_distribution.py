"""Out-of-distribution detection: whether a house is unlike the training sales, and why.

Values may be usual each and unusual together: the distance of P. C. Mahalanobis, "On the generalised distance in
statistics", 1936, measures what breaks the correlations among the sales.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .blocks import Matrix, Vector, compute_in_blocks
from .document import Encoding, OneHotFeature
from .encoder import locate_columns
from .rows import Cell, Row

LONGEST_CODE = 100

YEAR_OF_SALE = "YrSold"
DATE_OF_SALE = frozenset((YEAR_OF_SALE, "MoSold"))
YEARS_UNTIL_SALE = frozenset(("YearBuilt", "YearRemodAdd", "GarageYrBlt"))
"""Years that may be beyond the sales because the house is sold later. ``SalesPeriod`` tells of that."""

LARGEST_COMMON_SHARE = 0.75
"""A column with the same value in more of the sales is left out of combinations."""

RIDGE = 0.03
"""Regularises correlations that are nearly exact, such as those of areas that add up."""

USUAL_SHARE, MARGIN = 0.998, 1.05
"""A combination is unusual beyond this quantile of the sales' distances, times the margin. Some 0.3 % of unseen sales
are; ``docs/explanations.md`` has the figures."""

MOST_NAMED, LEAST_NAMED_SHARE = 3, 0.1
"""How many columns of an unusual combination are named at most, and the share of the distance that a third one
needs."""

type Reasons = list[dict[str, Any]]
type Found = tuple[int, dict[str, Any]]
"""The place of a row, and a reason."""


class Support:
    """The support of the training sales: ranges of numbers, codes, combinations. ``period`` is their time.

    Args:
        rows: the sales, as checked rows.
        matrix: the same, encoded.
    """

    def __init__(self, encoding: Encoding, rows: Sequence[Row], matrix: Matrix) -> None:
        used = {feature.column for feature in encoding.features}
        coded = {feature.column for feature in encoding.features if isinstance(feature, OneHotFeature)}
        columns = [(place, column) for place, column in enumerate(encoding.columns) if column.name in used]
        is_code = [column.type == "text" or column.name in coded for _, column in columns]
        self._numbers = [
            (place, column.name)
            for (place, column), coded in zip(columns, is_code, strict=True)
            if not coded and column.name not in DATE_OF_SALE
        ]
        self._years = [place for place, (_, name) in enumerate(self._numbers) if name in YEARS_UNTIL_SALE]
        self.period = SalesPeriod(encoding, rows)
        self._codes = [
            (place, column.name, {row[place] for row in rows} | {None})
            for (place, column), coded in zip(columns, is_code, strict=True)
            if coded
        ]
        numbers = self._numbers_in(list(zip(*rows, strict=True)))
        self._low, self._high = np.fmin.reduce(numbers, axis=1), np.fmax.reduce(numbers, axis=1)
        self._combinations = Combinations(encoding, matrix)

    def reasons(self, rows: Sequence[Row], matrix: Matrix) -> Mapping[int, Reasons]:
        """Return why rows are unlike the sales, by place. Missing values are never a reason."""
        if not rows:
            return {}
        cells, found = list(zip(*rows, strict=True)), dict[int, Reasons]()
        for row, reason in (*self._beyond_range(cells), *self._unseen(cells), *self._combinations.unusual(matrix)):
            found.setdefault(row, []).append(reason)
        return found

    def _numbers_in(self, cells: Sequence[Sequence[Cell]]) -> NDArray[np.float64]:
        """Return the numbers of a table's columns, one column per row, NaN where missing."""
        return np.array([cells[place] for place, _ in self._numbers], dtype=np.float64)

    def _beyond_range(self, cells: Sequence[Sequence[Cell]]) -> list[Found]:
        numbers = self._numbers_in(cells)
        high = np.repeat(self._high[:, None], numbers.shape[1], axis=1)
        high[self._years] = np.fmax(high[self._years], self.period.years(cells))
        is_beyond = (numbers < self._low[:, None]) | (numbers > high)
        return [
            (
                int(row),
                {
                    "code": "BEYOND_TRAINING_RANGE",
                    "columns": [self._numbers[place][1]],
                    "value": float(numbers[place, row]),
                    "low": float(self._low[place]),
                    "high": float(self._high[place]),
                },
            )
            for place, row in zip(*np.nonzero(is_beyond), strict=True)
        ]

    def _unseen(self, cells: Sequence[Sequence[Cell]]) -> list[Found]:
        return [
            (row, {"code": "UNSEEN_CODE", "columns": [name], "value": _shorten(code)})
            for place, name, seen in self._codes
            if not seen.issuperset(cells[place])
            for row, code in enumerate(cells[place])
            if code not in seen
        ]


class SalesPeriod:
    """The time of the training sales. A sale at another is no reason to be unlike them, but its price is of theirs."""

    def __init__(self, encoding: Encoding, rows: Sequence[Row]) -> None:
        names = [column.name for column in encoding.columns]
        self._place = names.index(YEAR_OF_SALE) if YEAR_OF_SALE in names else None
        years = self.years(list(zip(*rows, strict=True)))
        self._first_year, self._last_year = np.fmin.reduce(years), np.fmax.reduce(years)

    def nearest_years(self, rows: Sequence[Row]) -> Mapping[int, tuple[str, int]]:
        """Return the first year with sales for the rows whose sale is earlier, and the last one for those whose sale is
        later, by place, each with its name in a record."""
        if not rows:
            return {}
        years = self.years(list(zip(*rows, strict=True)))
        earlier, later = np.flatnonzero(years < self._first_year), np.flatnonzero(years > self._last_year)
        return {
            **{int(place): ("first_sale_year", int(self._first_year)) for place in earlier},
            **{int(place): ("last_sale_year", int(self._last_year)) for place in later},
        }

    def years(self, cells: Sequence[Sequence[Cell]]) -> NDArray[np.float64]:
        """Return the years of sale in a table's columns, NaN where missing."""
        if self._place is None:
            return np.full(len(cells[0]), np.nan)
        return np.array(cells[self._place], dtype=np.float64)


class Combinations:
    """The correlations of numbers and levels among the sales, except their dates."""

    def __init__(self, encoding: Encoding, sales: Matrix) -> None:
        starts, _ = locate_columns(encoding.features)
        candidates = [
            (place, feature.column)
            for feature, place in zip(encoding.features, starts, strict=True)
            if not isinstance(feature, OneHotFeature) and feature.column not in DATE_OF_SALE
        ]
        chosen = [entry for entry in candidates if _common_share(sales[:, entry[0]]) <= LARGEST_COMMON_SHARE]
        self._places = np.array([place for place, _ in chosen], dtype=np.intp)
        self._names = [name for _, name in chosen]
        amounts = _amounts(sales[:, self._places])
        self._low, self._high = amounts.min(axis=0), amounts.max(axis=0)
        self._mean, self._spread = amounts.mean(axis=0), amounts.std(axis=0)
        scores = self._scores(sales)
        correlations = (1.0 - RIDGE) * (scores.T @ scores) / len(sales) + RIDGE * np.eye(len(chosen))
        self._inverse = np.linalg.inv(correlations) / max(len(chosen), 1)
        self._limit = float(np.quantile(self._distances(scores), USUAL_SHARE)) * MARGIN

    def unusual(self, matrix: Matrix) -> list[Found]:
        """Return the rows that are unusually far from the mean of the sales, with the columns that contribute most."""
        scores = self._scores(matrix)
        distances = self._distances(scores)
        rows = np.flatnonzero(distances > self._limit)
        return [(int(row), self._reason(scores[row], float(distances[row]))) for row in rows]

    def _scores(self, matrix: Matrix) -> Matrix:
        """Return standard deviations from the mean, clipped to the sales' range, which has its own reason."""
        scores: Matrix = (_amounts(matrix[:, self._places]).clip(self._low, self._high) - self._mean) / self._spread
        return scores

    def _distances(self, scores: Matrix) -> Vector:
        return np.sqrt(np.maximum(compute_in_blocks(lambda rows: self._parts(rows).sum(axis=1), scores), 0.0))

    def _parts(self, scores: Matrix) -> Matrix:
        """Return each column's part of the squared distance, which is 1 on average over the sales."""
        parts: Matrix = scores * (scores @ self._inverse)
        return parts

    def _reason(self, scores: Vector, distance: float) -> dict[str, Any]:
        parts = self._parts(scores[None, :])[0]
        largest = np.argsort(-parts, kind="stable")[:MOST_NAMED]
        counts = max(2, int((parts[largest] >= parts.sum() * LEAST_NAMED_SHARE).sum()))
        columns = [self._names[place] for place in largest[:counts]]
        return {"code": "UNUSUAL_COMBINATION", "columns": columns, "distance": distance, "limit": self._limit}


def _amounts(values: Matrix) -> Matrix:
    """Return logarithms, on which double and half are equally far away."""
    amounts: Matrix = np.log1p(np.fmax(values, 0.0))
    return amounts


def _common_share(column: Vector) -> float:
    return float(np.unique(column, return_counts=True)[1].max() / len(column))


def _shorten(code: str | float | None) -> str | float | None:
    return code[:LONGEST_CODE] if isinstance(code, str) else code
