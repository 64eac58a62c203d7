"""Whether prices and their intervals mean what they say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from housing_price_model.evaluation.bootstrap import Estimate
from housing_price_model.evaluation.priced_sales import PricedSales
from housing_price_model.evaluation.proportion import proportion
from housing_price_model.evaluation.segments import Segment

DECILES = 10


@dataclass(frozen=True, slots=True)
class Decile:
    """A tenth of the sales by predicted price: mean predicted and mean paid price, in US dollars."""

    count: int
    predicted: float
    actual: float

    @property
    def excess(self) -> float:
        """By how much the predicted mean is too high, as a share of what was paid."""
        return self.predicted / self.actual - 1


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of a segment's prices that its intervals of a coverage hold, and their mean relative width."""

    segment: str
    nominal: float
    found: Estimate
    width: float


def deciles_of(sales: PricedSales) -> list[Decile]:
    """Tenths by *predicted* price: what was paid is then, on average, what a calibrated model said."""
    parts = np.array_split(np.argsort(sales.predicted, kind="stable"), DECILES)
    return [
        Decile(len(part), float(sales.predicted[part].mean()), float(sales.actual[part].mean()))
        for part in parts
        if len(part)
    ]


def coverage_of(sales: PricedSales, segments: Sequence[Segment]) -> list[Coverage]:
    """Each coverage over all sales, then in each segment; nothing where there are no intervals."""
    everything = Segment("all sales", np.ones(len(sales), dtype=bool))
    return [
        _coverage(sales.of(segment.rows), segment.name, nominal)
        for segment in (everything, *segments)
        for nominal in sorted(sales.intervals)
    ]


def _coverage(sales: PricedSales, name: str, nominal: float) -> Coverage:
    return Coverage(name, nominal, proportion(sales.covered(nominal)), sales.width(nominal))
