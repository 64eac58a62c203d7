"""Deciles of predicted price, and coverage of prediction intervals: how well both are calibrated."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from housing_price_model.evaluation.bootstrap import Estimate
from housing_price_model.evaluation.priced_sales import PricedSales
from housing_price_model.evaluation.proportion import estimate_proportion
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
        """By how much the predicted mean is too high, relative to the mean price paid."""
        return self.predicted / self.actual - 1


@dataclass(frozen=True, slots=True)
class Coverage:
    """The observed coverage of a segment's intervals of one nominal coverage, and their mean width and interval score
    as shares of the predicted price."""

    segment: str
    nominal: float
    found: Estimate
    width: float
    score: float


def compute_deciles(sales: PricedSales) -> list[Decile]:
    """Split the sales by *predicted* price: a calibrated model's mean prediction equals the mean price paid in each
    decile."""
    parts = np.array_split(np.argsort(sales.predicted, kind="stable"), DECILES)
    return [
        Decile(len(part), float(sales.predicted[part].mean()), float(sales.actual[part].mean()))
        for part in parts
        if len(part)
    ]


def measure_coverage(sales: PricedSales, segments: Sequence[Segment]) -> list[Coverage]:
    """Measure each coverage over all sales and in each segment. Empty if there are no intervals."""
    everything = Segment("all sales", np.ones(len(sales), dtype=bool))
    return [
        _measure(sales.of(segment.rows), segment.name, nominal)
        for segment in (everything, *segments)
        for nominal in sorted(sales.intervals)
    ]


def _measure(sales: PricedSales, name: str, nominal: float) -> Coverage:
    found = estimate_proportion(sales.covered(nominal))
    return Coverage(name, nominal, found, sales.width(nominal), sales.interval_score(nominal))
