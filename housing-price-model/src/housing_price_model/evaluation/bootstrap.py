"""How sure a figure is: percentile intervals by a seeded bootstrap over the sales.

B. Efron, "Bootstrap Methods: Another Look at the Jackknife", Annals of Statistics 7, 1979. Every figure of the report
is a function of means over the sales, so the means alone are drawn again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
RESAMPLES = 2_000
SEED = 42

BLOCK = 300_000
"""Numbers that are drawn at once: some megabytes."""

type Numbers = NDArray[np.float64]
type Figure = Callable[[Numbers], Numbers]
"""From means, of shape (columns, n), to n values of a figure."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the two-sided interval that holds it with 95 % confidence."""

    value: float
    low: float
    high: float

    @property
    def is_beyond_noise(self) -> bool:
        """Whether a difference is certainly not zero."""
        return self.low > 0 or self.high < 0


class Bootstrap:
    """The means of some columns over sales, and the same over sales drawn again; one draw serves all figures.

    Args:
        columns: each with one number a sale.
    """

    def __init__(self, *columns: Numbers) -> None:
        values = np.column_stack(columns)
        self._means = values.mean(axis=0)[:, np.newaxis]
        self._drawn_means = np.vstack([times @ values / len(values) for times in _draws(len(values))]).T

    def estimate(self, figure: Figure) -> Estimate:
        """A figure of these means with its interval."""
        tail = (1 - CONFIDENCE) / 2
        low, high = np.quantile(figure(self._drawn_means), [tail, 1 - tail])
        return Estimate(float(figure(self._means)[0]), float(low), float(high))


def _draws(count: int) -> Iterator[NDArray[np.int64]]:
    """How often each of so many sales is drawn, of shape (draws, sales); in blocks: one by one would be slow."""
    generator = np.random.default_rng(SEED)
    block = max(BLOCK // count, 1)
    for start in range(0, RESAMPLES, block):
        draws = min(block, RESAMPLES - start)
        drawn = generator.integers(count, size=(draws, count)) + count * np.arange(draws)[:, np.newaxis]
        yield np.bincount(drawn.ravel(), minlength=draws * count).reshape(draws, count)
