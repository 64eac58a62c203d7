"""Out-of-distribution detection: whether a house is unlike the training sales, and why.

Values may be usual each and unusual together. The joint model says how surprising each is, given the others.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .blocks import Vector
from .document import Encoding, OneHotFeature
from .folding import Folding
from .joint import SCORES, Surprise
from .rows import Cell, Row

LONGEST_CODE = 100

YEAR_OF_SALE = "YrSold"
DATE_OF_SALE = frozenset((YEAR_OF_SALE, "MoSold"))
YEARS_UNTIL_SALE = frozenset(("YearBuilt", "YearRemodAdd", "GarageYrBlt"))
"""Years that may be beyond the sales because the house is sold later. ``SalesPeriod`` tells of that."""

MARGIN = 0.1
"""A number is beyond the range of the sales if this share of the range lies between."""

RATIOS = (
    ("BedroomAbvGr", "TotRmsAbvGrd"),
    ("TotRmsAbvGrd", "GrLivArea"),
    ("OverallQual", "GrLivArea"),
    ("PoolArea", "GrLivArea"),
    ("GarageArea", "GrLivArea"),
    ("1stFlrSF", "LotArea"),
)
"""Two numbers of which the first is bounded by the second: their ratio has a range as well."""

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
        combinations: those that are unusual, if the model has a joint model.
    """

    def __init__(self, encoding: Encoding, rows: Sequence[Row], combinations: "Combinations | None") -> None:
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
        self._margins = MARGIN * (self._high - self._low)
        self._margins[self._years] = 0.0
        self._combinations = combinations
        self._ratios = Ratios(encoding, rows)

    def reasons(self, rows: Sequence[Row], surprise: Surprise | None = None) -> Mapping[int, Reasons]:
        """Return why rows are unlike the sales, by place. Missing values are never a reason."""
        if not rows:
            return {}
        cells, found, unusual = list(zip(*rows, strict=True)), dict[int, Reasons](), list[Found]()
        if self._combinations and surprise:
            unusual = self._combinations.unusual(surprise)
        for row, reason in (
            *self._beyond_range(cells),
            *self._unseen(cells),
            *unusual,
            *self._ratios.unusual(cells),
        ):
            found.setdefault(row, []).append(reason)
        return found

    def _numbers_in(self, cells: Sequence[Sequence[Cell]]) -> NDArray[np.float64]:
        """Return the numbers of a table's columns, one column per row, NaN where missing."""
        return np.array([cells[place] for place, _ in self._numbers], dtype=np.float64)

    def _beyond_range(self, cells: Sequence[Sequence[Cell]]) -> list[Found]:
        numbers = self._numbers_in(cells)
        high = np.repeat(self._high[:, None], numbers.shape[1], axis=1)
        high[self._years] = np.fmax(high[self._years], self.period.years(cells))
        is_beyond = (numbers < (self._low - self._margins)[:, None]) | (numbers > high + self._margins[:, None])
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


class Ratios:
    """The largest ratios of two numbers among the sales."""

    def __init__(self, encoding: Encoding, rows: Sequence[Row]) -> None:
        places = {column.name: place for place, column in enumerate(encoding.columns)}
        self._pairs = [pair for pair in RATIOS if places.keys() >= set(pair)]
        self._places = [(places[one], places[two]) for one, two in self._pairs]
        cells = list(zip(*rows, strict=True))
        self._limits = [(1.0 + MARGIN) * np.fmax.reduce(self._ratio(cells, place)) for place in self._places]

    def unusual(self, cells: Sequence[Sequence[Cell]]) -> list[Found]:
        """Return the rows of a table's columns with a ratio beyond the sales."""
        return [
            (
                int(row),
                {
                    "code": "UNUSUAL_COMBINATION",
                    "columns": list(pair),
                    "distance": float(ratios[row]),
                    "limit": float(limit),
                },
            )
            for pair, place, limit in zip(self._pairs, self._places, self._limits, strict=True)
            for ratios in (self._ratio(cells, place),)
            for row in np.flatnonzero(ratios > limit)
        ]

    def _ratio(self, cells: Sequence[Sequence[Cell]], place: tuple[int, int]) -> NDArray[np.float64]:
        one, two = (np.array(cells[own], dtype=np.float64) for own in place)
        return one / np.maximum(two, 1.0)


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
    """Which combinations of values are unusual: those whose surprise exceeds a limit.

    Args:
        limits: the largest usual values of ``joint.SCORES``.
        rare: shape (d,), what is rare for each column.
    """

    def __init__(self, encoding: Encoding, folding: Folding, limits: Sequence[float], rare: Vector) -> None:
        self._limits, self._folding, self._rare = np.array(limits), folding, rare
        self._names = [column.name for column in encoding.columns]
        self._is_date = np.array([name in DATE_OF_SALE for name in self._names])

    def unusual(self, surprise: Surprise) -> list[Found]:
        """Return the rows that are unusual, with the columns that contribute most."""
        excess = surprise.scores / self._limits
        rows = np.flatnonzero((excess > 1.0).any(axis=1))
        return [(int(row), self._reason(int(row), int(excess[row].argmax()), surprise)) for row in rows]

    def _reason(self, row: int, kind: int, surprise: Surprise) -> dict[str, Any]:
        sizes = surprise.worth[row] if SCORES[kind] == "priced" else surprise.columns[row] / self._rare
        parts = np.where(self._is_date, 0.0, self._folding.fold(sizes * sizes, surprise.columns[row]))
        largest = np.argsort(-parts, kind="stable")[:MOST_NAMED]
        counts = max(1, int((parts[largest] >= parts.sum() * LEAST_NAMED_SHARE).sum()))
        return {
            "code": "UNUSUAL_COMBINATION",
            "columns": [self._names[place] for place in largest[:counts]],
            "distance": float(surprise.scores[row, kind]),
            "limit": float(self._limits[kind]),
        }


def _shorten(code: str | float | None) -> str | float | None:
    return code[:LONGEST_CODE] if isinstance(code, str) else code
