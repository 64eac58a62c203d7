"""What each feature is worth to an estimator: how much worse prices get when its column is shuffled.

L. Breiman, "Random Forests", Machine Learning 45, 2001. All shuffled copies are priced in one call, because a
call costs much more than a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from house_record import COLUMNS

from housing_price_model.data import Row, Sales
from housing_price_model.evaluation.metrics import measure
from housing_price_model.recipes import Estimator

REPEATS = 3
MOST_ROWS = 150
"""More would cost time and memory, because each row is priced once a column, and change the picture little."""


@dataclass(frozen=True, slots=True)
class Importance:
    """By how much the RMSLE grows when a column is shuffled: mean and standard deviation over the repeats."""

    column: str
    mean: float
    spread: float


def permutation_importance(fitted: Estimator, sales: Sales, *, seed: int) -> list[Importance]:
    """The importance of every column on sales that the estimator has not seen, the most important first."""
    generator = np.random.default_rng(seed)
    sales = sales.take(generator.permutation(len(sales))[:MOST_ROWS])
    baseline = measure(sales.prices, fitted.predict(sales.rows)).rmsle
    repeats = [_increases(fitted, sales, baseline, generator) for _ in range(REPEATS)]
    means, spreads = np.mean(repeats, axis=0), np.std(repeats, axis=0)
    found = [
        Importance(column, float(mean), float(spread))
        for column, mean, spread in zip(COLUMNS, means, spreads, strict=True)
    ]
    return sorted(found, key=lambda importance: -importance.mean)


def _increases(fitted: Estimator, sales: Sales, baseline: float, generator: np.random.Generator) -> list[float]:
    shuffled = [row for place in range(len(COLUMNS)) for row in _shuffle(sales.rows, place, generator)]
    predicted = fitted.predict(shuffled).reshape(len(COLUMNS), len(sales))
    return [measure(sales.prices, prices).rmsle - baseline for prices in predicted]


def _shuffle(rows: Sequence[Row], place: int, generator: np.random.Generator) -> list[Row]:
    others = generator.permutation(len(rows))
    return [(*row[:place], rows[other][place], *row[place + 1 :]) for row, other in zip(rows, others, strict=True)]
