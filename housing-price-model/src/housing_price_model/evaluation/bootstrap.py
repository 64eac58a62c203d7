"""Percentile confidence intervals by a seeded bootstrap over the sales.

B. Efron, "Bootstrap Methods: Another Look at the Jackknife", Annals of Statistics 7, 1979. Every figure of the report
is a function of means over the sales, so only the means are resampled.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
RESAMPLES = 2_000
SEED = 42

BLOCK = 300_000
"""Numbers drawn at once: some megabytes."""

type Numbers = NDArray[np.float64]
type Figure = Callable[[Numbers], Numbers]
"""From means, of shape (columns, n), to n values of a figure."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its two-sided 95 % confidence interval."""

    value: float
    low: float
    high: float

    @property
    def is_beyond_noise(self) -> bool:
        """Whether the interval of a difference excludes zero."""
        return self.low > 0 or self.high < 0


class Bootstrap:
    """The means of some columns over the sales and over resampled sales; all figures share one draw.

    Args:
        columns: each has one number per sale.
    """

    def __init__(self, *columns: Numbers) -> None:
        values = np.column_stack(columns)
        self._means = values.mean(axis=0)[:, np.newaxis]
        self._drawn_means = np.vstack([times @ values / len(values) for times in _draw_counts(len(values))]).T

    def estimate(self, figure: Figure) -> Estimate:
        """Estimate a figure of these means with its interval."""
        tail = (1 - CONFIDENCE) / 2
        low, high = np.quantile(figure(self._drawn_means), [tail, 1 - tail])
        return Estimate(float(figure(self._means)[0]), float(low), float(high))


def _draw_counts(count: int) -> Iterator[NDArray[np.int64]]:
    """Yield how often each sale is drawn, of shape (draws, sales), in blocks because single draws are slow."""
    generator = np.random.default_rng(SEED)
    block = max(BLOCK // count, 1)
    for start in range(0, RESAMPLES, block):
        draws = min(block, RESAMPLES - start)
        drawn = generator.integers(count, size=(draws, count)) + count * np.arange(draws)[:, np.newaxis]
        yield np.bincount(drawn.ravel(), minlength=draws * count).reshape(draws, count)
