"""The sales cut into neighbourhoods, price terciles and years: who gets good prices, and who does not."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from housing_price_model.evaluation.accuracy import NEAR, rmsle_change, rmsle_of
from housing_price_model.evaluation.bootstrap import Estimate
from housing_price_model.evaluation.priced_sales import Flags, PricedSales
from housing_price_model.evaluation.proportion import proportion

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 10
"""Sales below which a figure says next to nothing."""

USUAL_COVERAGE = 0.9


@dataclass(frozen=True, eq=False)
class Segment:
    """Some of the sales, by name."""

    name: str
    rows: Flags

    @property
    def has_few(self) -> bool:
        """Whether a figure of it says next to nothing."""
        return int(self.rows.sum()) < FEWEST


@dataclass(frozen=True, kw_only=True)
class SegmentFigures:
    """How well a segment is priced; no intervals of confidence where it has few sales, no coverage without intervals.

    ``width`` is the mean relative width of its prediction intervals.
    """

    name: str
    count: int
    has_few: bool
    rmsle: Estimate
    within_10_percent: float
    bias: float
    coverage: Estimate | None
    width: float | None


def by_neighborhood(sales: PricedSales) -> list[Segment]:
    """Most sales first; neighbourhoods with few sales are one segment, the last."""
    names = sales.frame["Neighborhood"]
    counts = names.value_counts()
    kept = [str(name) for name in counts.index[counts >= FEWEST]]
    segments = [Segment(name, (names == name).to_numpy(dtype=bool)) for name in kept]
    small = len(counts) - len(kept)
    if small:
        name = f"{small} small neighbourhood{'s' if small > 1 else ''}"
        segments.append(Segment(name, (~names.isin(kept)).to_numpy(dtype=bool)))
    return segments


def by_price_tercile(sales: PricedSales) -> list[Segment]:
    """Thirds of the sales by what was paid, the cheap ones first."""
    low, high = np.quantile(sales.actual, [1 / 3, 2 / 3])
    third = np.digitize(sales.actual, [low, high], right=True)
    names = [f"up to ${low:,.0f}", f"${low:,.0f} to ${high:,.0f}", f"above ${high:,.0f}"]
    return _not_empty(Segment(name, third == place) for place, name in enumerate(names))


def by_year_sold(sales: PricedSales) -> list[Segment]:
    """Each year in which a house was sold, the earliest first."""
    years: pd.Series[float] = sales.frame["YrSold"]
    return [Segment(f"{year:.0f}", (years == year).to_numpy(dtype=bool)) for year in sorted(years.unique())]


def figures_of(sales: PricedSales, segments: Iterable[Segment]) -> list[SegmentFigures]:
    """The figures of each segment."""
    return [_figures(sales.of(segment.rows), segment) for segment in segments]


def changes_of(ours: PricedSales, theirs: PricedSales, segments: Iterable[Segment]) -> list[tuple[str, Estimate]]:
    """By how much our RMSLE is above theirs in each segment that has more than a few sales."""
    return [
        (segment.name, rmsle_change(ours.of(segment.rows), theirs.of(segment.rows)))
        for segment in segments
        if not segment.has_few
    ]


def _figures(sales: PricedSales, segment: Segment) -> SegmentFigures:
    has_intervals = USUAL_COVERAGE in sales.intervals
    return SegmentFigures(
        name=segment.name,
        count=len(sales),
        has_few=segment.has_few,
        rmsle=rmsle_of(sales),
        within_10_percent=float(np.mean(np.abs(sales.relative_errors) <= NEAR)),
        bias=sales.bias,
        coverage=proportion(sales.covered(USUAL_COVERAGE)) if has_intervals else None,
        width=sales.width(USUAL_COVERAGE) if has_intervals else None,
    )


def _not_empty(segments: Iterable[Segment]) -> list[Segment]:
    """Where many sales have one price, a third may be empty."""
    return [segment for segment in segments if segment.rows.any()]
