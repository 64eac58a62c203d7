"""Six metrics that compare predicted with actual prices, both in US dollars."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class Metrics:
    """Root mean squared log error, mean absolute error (dollars), mean absolute percentage error (as a share), share of
    prices within 10 % of the actual one, the coefficient of determination, and the mean absolute percentage error
    weighted by price: the sum of all errors as a share of the sum of all prices."""

    rmsle: float
    mae: float
    mape: float
    within_10_percent: float
    r2: float
    wmape: float

    def named(self, prefix: str, suffix: str = "") -> Mapping[str, float]:
        """Return the metrics by name, such as ``cv_rmsle_std``."""
        return {f"{prefix}_{name}{suffix}": value for name, value in asdict(self).items()}


def measure(actual: ArrayLike, predicted: ArrayLike) -> Metrics:
    """Measure predicted prices. Both arguments have shape (n,), n ≥ 2, and actual prices are positive."""
    truth, guess = np.asarray(actual, dtype=float), np.asarray(predicted, dtype=float)
    error = guess - truth
    relative = np.abs(error) / truth
    return Metrics(
        rmsle=float(np.sqrt(np.mean((np.log1p(guess) - np.log1p(truth)) ** 2))),
        mae=float(np.mean(np.abs(error))),
        mape=float(np.mean(relative)),
        within_10_percent=float(np.mean(relative <= 0.1)),
        r2=float(1 - np.sum(error**2) / np.sum((truth - truth.mean()) ** 2)),
        wmape=float(np.sum(np.abs(error)) / np.sum(truth)),
    )


def summarize_folds(folds: list[Metrics]) -> tuple[Metrics, Metrics]:
    """Return the mean and standard deviation of each metric over the folds."""
    names = [field.name for field in fields(Metrics)]
    values = np.array([[getattr(fold, name) for name in names] for fold in folds])
    mean, spread = values.mean(axis=0), values.std(axis=0)
    return Metrics(*map(float, mean)), Metrics(*map(float, spread))
