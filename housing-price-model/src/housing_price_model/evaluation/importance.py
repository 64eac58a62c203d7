"""What each feature is worth to an estimator: how much worse prices get when its column is shuffled.

L. Breiman, "Random Forests", Machine Learning 45, 2001. All shuffled copies are priced in one call, because a
call costs much more than a row.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

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


def permutation_importance(
    fitted: Estimator, frame: pd.DataFrame, prices: "pd.Series[float]", *, seed: int
) -> list[Importance]:
    """The importance of every column on sales that the estimator has not seen, the most important first."""
    generator = np.random.default_rng(seed)
    chosen = generator.permutation(len(frame))[:MOST_ROWS]
    frame, prices = frame.iloc[chosen], prices.iloc[chosen]
    baseline = measure(prices, fitted.predict(frame)).rmsle
    repeats = [_increases(fitted, frame, prices, baseline, generator) for _ in range(REPEATS)]
    means, spreads = np.mean(repeats, axis=0), np.std(repeats, axis=0)
    found = [
        Importance(column, float(mean), float(spread))
        for column, mean, spread in zip(frame.columns, means, spreads, strict=True)
    ]
    return sorted(found, key=lambda importance: -importance.mean)


def _increases(
    fitted: Estimator,
    frame: pd.DataFrame,
    prices: "pd.Series[float]",
    baseline: float,
    generator: np.random.Generator,
) -> list[float]:
    shuffled = [
        frame.assign(**{column: frame[column].array[generator.permutation(len(frame))]}) for column in frame.columns
    ]
    predicted = fitted.predict(pd.concat(shuffled)).reshape(len(shuffled), len(frame))
    return [measure(prices, row).rmsle - baseline for row in predicted]
