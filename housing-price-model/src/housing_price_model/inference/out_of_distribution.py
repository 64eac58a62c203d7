"""Whether a house is unlike the sales that a model learned from, and why.

Values may be usual alone and not together: the distance of P. C. Mahalanobis, "On the generalised distance in
statistics", 1936, counts what breaks the correlations among the sales.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .blocks import Matrix, Vector, in_blocks
from .document import Encoding, OneHotFeature
from .encoder import column_places
from .rows import Cell, Row

LONGEST_CODE = 100

LARGEST_COMMON_SHARE = 0.75
"""A column that is the same in more of the sales says nothing about combinations: its rare values are their own."""

RIDGE = 0.03
"""Takes from the correlations what is nearly exact, such as areas that add up."""

USUAL_SHARE, MARGIN = 0.998, 1.05
"""A combination is unusual beyond what this share of the sales keeps, and a little more. Of honest unseen sales some
0.3 % are; ``docs/explanations.md`` has the figures."""

MOST_NAMED, LEAST_NAMED_SHARE = 3, 0.1
"""How many columns of an unusual combination are named, and what part of the distance the third must make."""

type Reasons = list[dict[str, Any]]
type Found = tuple[int, dict[str, Any]]
"""The place of a row, and a reason."""


class Support:
    """What the sales hold: ranges of numbers, codes, combinations.

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
            (place, column.name) for (place, column), coded in zip(columns, is_code, strict=True) if not coded
        ]
        self._codes = [
            (place, column.name, {row[place] for row in rows} | {None})
            for (place, column), coded in zip(columns, is_code, strict=True)
            if coded
        ]
        numbers = self._numbers_in(list(zip(*rows, strict=True)))
        self._low, self._high = np.fmin.reduce(numbers, axis=1), np.fmax.reduce(numbers, axis=1)
        self._combinations = Combinations(encoding, matrix)

    def reasons(self, rows: Sequence[Row], matrix: Matrix) -> Mapping[int, Reasons]:
        """Why rows are unlike the sales, by the places of those that are. What is absent is never the reason."""
        if not rows:
            return {}
        cells, found = list(zip(*rows, strict=True)), dict[int, Reasons]()
        for row, reason in (*self._beyond_range(cells), *self._unseen(cells), *self._combinations.unusual(matrix)):
            found.setdefault(row, []).append(reason)
        return found

    def _numbers_in(self, cells: Sequence[Sequence[Cell]]) -> NDArray[np.float64]:
        """The numbers of a table's columns, one column in each row, NaN for what is absent."""
        return np.array([cells[place] for place, _ in self._numbers], dtype=np.float64)

    def _beyond_range(self, cells: Sequence[Sequence[Cell]]) -> list[Found]:
        numbers = self._numbers_in(cells)
        is_beyond = (numbers < self._low[:, None]) | (numbers > self._high[:, None])
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
            (row, {"code": "UNSEEN_CODE", "columns": [name], "value": _shortened(code)})
            for place, name, seen in self._codes
            if not seen.issuperset(cells[place])
            for row, code in enumerate(cells[place])
            if code not in seen
        ]


class Combinations:
    """How numbers and levels go together among the sales."""

    def __init__(self, encoding: Encoding, sales: Matrix) -> None:
        starts, _ = column_places(encoding.features)
        candidates = [
            (place, feature.column)
            for feature, place in zip(encoding.features, starts, strict=True)
            if not isinstance(feature, OneHotFeature)
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
        """The rows that are farther from the middle of the sales than these are, with what makes most of it."""
        scores = self._scores(matrix)
        distances = self._distances(scores)
        rows = np.flatnonzero(distances > self._limit)
        return [(int(row), self._reason(scores[row], float(distances[row]))) for row in rows]

    def _scores(self, matrix: Matrix) -> Matrix:
        """Standard deviations from the mean; what is beyond any sale has a reason of its own."""
        scores: Matrix = (_amounts(matrix[:, self._places]).clip(self._low, self._high) - self._mean) / self._spread
        return scores

    def _distances(self, scores: Matrix) -> Vector:
        return np.sqrt(np.maximum(in_blocks(lambda rows: self._parts(rows).sum(axis=1), scores), 0.0))

    def _parts(self, scores: Matrix) -> Matrix:
        """What each column adds to the square of the distance, which is 1 for a sale on average."""
        parts: Matrix = scores * (scores @ self._inverse)
        return parts

    def _reason(self, scores: Vector, distance: float) -> dict[str, Any]:
        parts = self._parts(scores[None, :])[0]
        largest = np.argsort(-parts, kind="stable")[:MOST_NAMED]
        counts = max(2, int((parts[largest] >= parts.sum() * LEAST_NAMED_SHARE).sum()))
        columns = [self._names[place] for place in largest[:counts]]
        return {"code": "UNUSUAL_COMBINATION", "columns": columns, "distance": distance, "limit": self._limit}


def _amounts(values: Matrix) -> Matrix:
    """On a scale where twice as large is as far as half as large; qualities, counts and years hardly notice."""
    amounts: Matrix = np.log1p(np.fmax(values, 0.0))
    return amounts


def _common_share(column: Vector) -> float:
    return float(np.unique(column, return_counts=True)[1].max() / len(column))


def _shortened(code: str | float | None) -> str | float | None:
    return code[:LONGEST_CODE] if isinstance(code, str) else code
