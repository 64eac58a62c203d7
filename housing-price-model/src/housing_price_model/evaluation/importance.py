"""Permutation importance: how much worse prices get when a column is shuffled.

L. Breiman, "Random Forests", Machine Learning 45, 2001. All shuffled copies are priced in one call, because a call is
much more expensive than a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from housing_price_model.data import Row, Sales
from housing_price_model.evaluation.metrics import measure
from housing_price_model.recipes import Estimator

REPEATS = 3
MOST_ROWS = 150
"""More rows would take time and memory, because each is priced once per column, and would change little."""


@dataclass(frozen=True, slots=True)
class Importance:
    """The increase of the RMSLE when a column is shuffled: mean and standard deviation over the repeats."""

    column: str
    mean: float
    spread: float


def permutation_importance(fitted: Estimator, sales: Sales, *, seed: int) -> list[Importance]:
    """Measure the importance of every column on unseen sales, and return the most important first."""
    generator = np.random.default_rng(seed)
    sales = sales.take(generator.permutation(len(sales))[:MOST_ROWS])
    baseline = measure(sales.prices, fitted.predict(sales.rows)).rmsle
    repeats = [_measure_increases(fitted, sales, baseline, generator) for _ in range(REPEATS)]
    means, spreads = np.mean(repeats, axis=0), np.std(repeats, axis=0)
    found = [
        Importance(column, float(mean), float(spread))
        for column, mean, spread in zip(sales.record.columns, means, spreads, strict=True)
    ]
    return sorted(found, key=lambda importance: -importance.mean)


def _measure_increases(fitted: Estimator, sales: Sales, baseline: float, generator: np.random.Generator) -> list[float]:
    width = len(sales.record.columns)
    shuffled = [row for place in range(width) for row in _shuffle(sales.rows, place, generator)]
    predicted = fitted.predict(shuffled).reshape(width, len(sales))
    return [measure(sales.prices, prices).rmsle - baseline for prices in predicted]


def _shuffle(rows: Sequence[Row], place: int, generator: np.random.Generator) -> list[Row]:
    others = generator.permutation(len(rows))
    return [(*row[:place], rows[other][place], *row[place + 1 :]) for row, other in zip(rows, others, strict=True)]
